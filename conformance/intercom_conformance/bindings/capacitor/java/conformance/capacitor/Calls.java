package conformance.capacitor;

import conformance.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.json.JSONArray;
import org.json.JSONException;
import org.json.JSONObject;

/** The table calls.json: the guide's calls as an app writes them with this plugin. */
final class Calls {
    private final JSONObject table;

    Calls(String file) throws IOException {
        table = (JSONObject) Json.parsed(Files.readString(Path.of(file)));
    }

    /** The functions that stand for a method of the guide, or for one use of it (null: whatever the use). */
    List<String> functions(String method, String use) {
        return rows(method).stream()
                .filter(row -> use == null || fits(row, use))
                .map(row -> row.optString("call"))
                .collect(Collectors.toList());
    }

    /** The row for a call of the guide; null if the plugin has no function for it. */
    JSONObject row(String method, JSONArray arguments) {
        Object first = arguments.opt(0);
        Object subject = isContent(method) ? field(first, "type") : first;
        return rows(method).stream().filter(row -> fits(row, subject)).findFirst().orElse(null);
    }

    /** The one argument of a function; null if an app gives none, which Capacitor's Java takes for an empty object. */
    Object options(String method, JSONObject row, JSONArray arguments) throws JSONException {
        if (!row.has("options")) {
            return row.has("when") ? Map.of() : arguments.opt(0);
        }
        JSONArray values = isContent(method) ? new JSONArray().put(field(arguments.opt(0), "id")) : arguments;
        Map<String, Object> options = new LinkedHashMap<>();
        for (int i = 0; i < values.length(); i++) {
            options.put(row.optJSONArray("options").optString(i), written(row, values.opt(i)));
        }
        return options;
    }

    private List<JSONObject> rows(String method) {
        return Json.list(table.opt(method)).stream().map(row -> (JSONObject) row).collect(Collectors.toList());
    }

    private static boolean fits(JSONObject row, Object subject) {
        return !row.has("when") || row.opt("when").equals(subject);
    }

    private static boolean isContent(String method) {
        return "presentContent".equals(method);
    }

    private static Object field(Object content, String name) {
        return content instanceof JSONObject ? ((JSONObject) content).opt(name) : null;
    }

    private static Object written(JSONObject row, Object value) throws JSONException {
        return row.has("text") && value instanceof Number ? JSONObject.numberToString((Number) value) : value;
    }
}
