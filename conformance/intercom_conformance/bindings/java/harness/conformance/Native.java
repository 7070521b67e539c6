package conformance;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.json.JSONObject;

/** The native SDK, which the kit plays. */
public final class Native {
    /** Receives the outcome of one request, on the app's thread. */
    public interface Reply {
        /** The value as org.json has it; null if there is none. */
        void success(Object value);

        void failure(int code, String message);
    }

    /** The outcome of what tells none. */
    private static final Reply NOBODY = new Reply() {
        @Override public void success(Object value) {}

        @Override public void failure(int code, String message) {}
    };

    private static final Map<String, Reply> awaiting = new HashMap<>();
    private static final Map<String, Reply> held = new HashMap<>();
    private static Wire wire;
    private static int requests;

    private Native() {}

    static void connect(Wire used) {
        wire = used;
    }

    /** Calls a method that tells no outcome: what the kit answers is ignored. */
    public static void tell(String method, Object... arguments) {
        ask(method, NOBODY, arguments);
    }

    /** Calls a method whose outcome comes later, on the app's thread. */
    public static void ask(String method, Reply reply, Object... arguments) {
        String id = send(method, arguments);
        awaiting.put(id, reply);
    }

    /** Calls a method that returns what it finds; null if it finds nothing, or not now. */
    public static Object get(String method, Object... arguments) {
        Object[] found = new Object[1];
        String id = send(method, arguments);
        for (JSONObject message = wire.read(); message != null; message = wire.read()) {
            if (id.equals(message.opt("id"))) {
                JSONObject result = message.optJSONObject("result");
                return Json.get(result, "value");
            }
            accept(message);
        }
        throw new IllegalStateException("The kit is gone.");
    }

    private static String send(String method, Object[] arguments) {
        String id = "n" + ++requests;
        wire.request(id, "native", Map.of("method", method, "arguments", Arrays.asList(arguments)));
        return id;
    }

    static boolean awaits() {
        return !awaiting.isEmpty();
    }

    /** Takes the kit's immediate reply to a request. */
    static void accept(JSONObject message) {
        Reply reply = awaiting.remove(message.optString("id"));
        JSONObject result = message.optJSONObject("result");
        if (reply == null) {
            return;
        }
        if (result != null && result.has("held")) {
            held.put(result.optString("held"), reply);
        } else {
            deliver(reply, result, failure(message.optJSONObject("error")));
        }
    }

    private static JSONObject failure(JSONObject error) {
        return error == null || !error.has("data") ? error : error.optJSONObject("data");
    }

    /** Takes an answer that was held back. */
    static void answer(JSONObject params) {
        String ticket = params.optString("ticket");
        if (!held.containsKey(ticket)) {
            throw new IllegalArgumentException("No native request is held under ticket " + ticket + ".");
        }
        deliver(held.remove(ticket), params, params.optJSONObject("error"));
    }

    private static void deliver(Reply reply, JSONObject result, JSONObject error) {
        if (error == null) {
            Loop.post(() -> reply.success(Json.get(result, "value")));
        } else {
            Loop.post(() -> reply.failure(error.optInt("code"), error.optString("message")));
        }
    }

    static void forget() {
        awaiting.clear();
        held.clear();
    }
}
