package conformance;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.json.JSONObject;

/** Serves an adapter to the kit: {@code java conformance.Main ADAPTER-CLASS ARGUMENT...}. */
public final class Main {
    /** As much as the main thread of an Android app has. */
    private static final long STACK = 8L << 20;

    private static Adapter adapter;

    private final Wire wire = new Wire();
    private final String[] given;

    private Main(String[] given) {
        this.given = given;
    }

    public static void main(String[] given) {
        System.setOut(System.err);
        new Thread(null, new Main(given)::serve, "main", STACK).start();
    }

    /** The app as it was installed last. */
    static Object installation() {
        return adapter;
    }

    private void serve() {
        Native.connect(wire);
        for (JSONObject message = wire.read(); message != null; message = wire.read()) {
            if (message.has("method")) {
                respond(message);
            } else {
                Native.accept(message);
            }
        }
        System.exit(0);
    }

    private void respond(JSONObject message) {
        Object id = message.opt("id");
        String method = message.optString("method");
        try {
            wire.result(id, handled(method, message.optJSONObject("params")));
        } catch (UnsupportedOperationException unknown) {
            wire.error(id, -32601, unknown.getMessage());
        } catch (Throwable error) {
            error.printStackTrace();
            wire.error(id, -32000, String.valueOf(error));
        }
        if ("shutdown".equals(method)) {
            System.exit(0);
        }
    }

    private Object handled(String method, JSONObject params) throws Exception {
        switch (method) {
            case "initialize": return initialize(params);
            case "reset": return reset();
            case "call": return call(new Call(params, installation()));
            case "answer": Native.answer(params); return settled();
            case "shutdown": return Map.of();
            default: throw new UnsupportedOperationException("This driver does not serve " + method + ".");
        }
    }

    private Map<String, Object> initialize(JSONObject params) throws Exception {
        String protocol = params.optString("protocol");
        if (!"1.0".equals(protocol)) {
            throw new IllegalArgumentException("This driver speaks protocol 1.0, not " + protocol + ".");
        }
        adapter = adapter();
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("protocol", protocol);
        result.put("language", "java");
        result.put("platform", "android");
        result.put("kind", "wrapper");
        result.putAll(adapter.binding());
        return result;
    }

    private Map<String, Object> reset() throws Exception {
        Loop.clear();
        Native.forget();
        adapter = adapter();
        adapter.start();
        settled();
        return Map.of();
    }

    private Adapter adapter() throws Exception {
        String[] rest = Arrays.copyOfRange(given, 1, given.length);
        return (Adapter) Class.forName(given[0]).getConstructor(String[].class).newInstance((Object) rest);
    }

    private Map<String, Object> call(Call call) {
        try {
            adapter.call(call);
        } catch (Throwable error) {
            Reaction.crash(error);
        }
        return settled();
    }

    /** The reaction, once nothing is left to do but wait for the kit. */
    private Map<String, Object> settled() {
        Loop.drain();
        while (Native.awaits()) {
            JSONObject message = wire.read();
            if (message == null) {
                System.exit(0);
            }
            Native.accept(message);
            Loop.drain();
        }
        return Reaction.finish();
    }
}
