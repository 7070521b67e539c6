package conformance;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the app sees of a request, until it is answered. */
final class Reaction {
    private static List<Map<String, Object>> settled = new ArrayList<>();
    private static Map<String, Object> rest = new LinkedHashMap<>();

    private Reaction() {}

    static void settle(Map<String, Object> callback) {
        settled.add(callback);
    }

    static void returned(Object value) {
        if (!rest.containsKey("thrown")) {
            rest.put("returned", value);
        }
    }

    /** An exception that nobody caught: on a device it ends the app. */
    static void crash(Throwable error) {
        Throwable cause = cause(error);
        rest.remove("returned");
        rest.putIfAbsent("thrown", Map.of("type", cause.getClass().getName(), "message", String.valueOf(cause.getMessage())));
        error.printStackTrace();
    }

    /** What was thrown first, where others wrapped it. */
    private static Throwable cause(Throwable error) {
        return error.getCause() == null ? error : cause(error.getCause());
    }

    /** The reaction as it stands; the next one begins. */
    static Map<String, Object> finish() {
        Map<String, Object> finished = rest;
        finished.put("settled", settled);
        settled = new ArrayList<>();
        rest = new LinkedHashMap<>();
        return finished;
    }
}
