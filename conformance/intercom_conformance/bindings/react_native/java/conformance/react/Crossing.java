package conformance.react;

import com.facebook.react.bridge.ReadableArray;
import com.facebook.react.bridge.ReadableMap;
import com.facebook.react.bridge.ReadableNativeArray;
import com.facebook.react.bridge.ReadableNativeMap;
import conformance.Json;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.json.JSONArray;
import org.json.JSONObject;

/** What becomes of values between JavaScript and Java: all numbers are doubles, null stays null. */
final class Crossing {
    private Crossing() {}

    /** A value of JavaScript, as org.json has it, in Java. */
    static Object toJava(Object value) {
        if (value instanceof JSONObject) {
            return map((JSONObject) value);
        }
        if (value instanceof JSONArray) {
            return array((JSONArray) value);
        }
        if (value instanceof Number) {
            return ((Number) value).doubleValue();
        }
        return value == JSONObject.NULL ? null : value;
    }

    static ReadableNativeMap map(JSONObject object) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (Iterator<String> keys = object.keys(); keys.hasNext();) {
            String key = keys.next();
            values.put(key, toJava(object.opt(key)));
        }
        return new ReadableNativeMap(values);
    }

    static ReadableNativeArray array(JSONArray array) {
        List<Object> values = new ArrayList<>();
        for (Object value : Json.list(array)) {
            values.add(toJava(value));
        }
        return new ReadableNativeArray(values);
    }

    /** A value of Java in JavaScript. React Native converts these types and no others. */
    static Object toJavaScript(Object value) {
        if (value instanceof ReadableMap) {
            return ((ReadableMap) value).toHashMap();
        }
        if (value instanceof ReadableArray) {
            return ((ReadableArray) value).toArrayList();
        }
        if (value == null || value instanceof Boolean || value instanceof String || value instanceof Integer
                || value instanceof Double || value instanceof Float) {
            return value;
        }
        throw new RuntimeException("Cannot convert argument of type " + value.getClass());
    }
}
