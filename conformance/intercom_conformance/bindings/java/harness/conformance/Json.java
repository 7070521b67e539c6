package conformance;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.json.JSONArray;
import org.json.JSONException;
import org.json.JSONObject;

/** Values as JSON text; what JSON cannot carry becomes visible instead of vanishing. */
public final class Json {
    private Json() {}

    /** The text of a value: plain Java values, maps, lists, and those of org.json. */
    public static String text(Object value) {
        StringBuilder text = new StringBuilder();
        write(value, text);
        return text.toString();
    }

    /** The value as org.json has it: null as JSONObject.NULL, maps and lists as its own objects. */
    public static Object parsed(String text) {
        try {
            return new JSONArray("[" + text + "]").get(0);
        } catch (JSONException error) {
            throw new IllegalArgumentException(error.getMessage(), error);
        }
    }

    /** The entry of an object; null if it is not there or JSON's null. */
    public static Object get(JSONObject object, String key) {
        Object value = object == null ? null : object.opt(key);
        return value == JSONObject.NULL ? null : value;
    }

    /** The entries of an array; none if there is no array. */
    public static List<Object> list(Object array) {
        List<Object> list = new ArrayList<>();
        for (int i = 0; array instanceof JSONArray && i < ((JSONArray) array).length(); i++) {
            list.add(((JSONArray) array).opt(i));
        }
        return list;
    }

    private static void write(Object value, StringBuilder text) {
        if (value == null || value == JSONObject.NULL) {
            text.append("null");
        } else if (value instanceof Boolean) {
            text.append(value);
        } else if (value instanceof Number) {
            number((Number) value, text);
        } else if (value instanceof CharSequence || value instanceof Character) {
            quote(value.toString(), text);
        } else {
            container(value, text);
        }
    }

    private static void container(Object value, StringBuilder text) {
        if (value instanceof JSONArray) {
            array(list(value), text);
        } else if (value instanceof Iterable) {
            array((Iterable<?>) value, text);
        } else if (value instanceof JSONObject) {
            members((JSONObject) value, text);
        } else if (value instanceof Map) {
            members((Map<?, ?>) value, text);
        } else {
            lost(value, text);
        }
    }

    private static void number(Number value, StringBuilder text) {
        try {
            text.append(JSONObject.numberToString(value));
        } catch (JSONException notANumber) {
            lost(value, text);
        }
    }

    private static void array(Iterable<?> items, StringBuilder text) {
        String separator = "[";
        for (Object item : items) {
            text.append(separator);
            write(item, text);
            separator = ",";
        }
        text.append("[".equals(separator) ? "[]" : "]");
    }

    private static void members(JSONObject object, StringBuilder text) {
        String separator = "{";
        for (Iterator<String> keys = object.keys(); keys.hasNext(); separator = ",") {
            String key = keys.next();
            member(separator, key, object.opt(key), text);
        }
        text.append("{".equals(separator) ? "{}" : "}");
    }

    private static void members(Map<?, ?> map, StringBuilder text) {
        String separator = "{";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            member(separator, String.valueOf(entry.getKey()), entry.getValue(), text);
            separator = ",";
        }
        text.append("{".equals(separator) ? "{}" : "}");
    }

    private static void member(String separator, String key, Object value, StringBuilder text) {
        text.append(separator);
        quote(key, text);
        text.append(':');
        write(value, text);
    }

    private static void lost(Object value, StringBuilder text) {
        member("{", "unserialisable", String.valueOf(value), text);
        text.append('}');
    }

    /** ASCII only: so half of a surrogate pair survives the encoding. */
    private static void quote(String value, StringBuilder text) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < ' ' || c > '~') {
                text.append(String.format("\\u%04x", (int) c));
            } else {
                text.append(c);
            }
        }
        text.append('"');
    }
}
