package conformance.capacitor;

import conformance.Adapter;
import conformance.Call;
import conformance.Guide;
import conformance.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.json.JSONObject;

/**
 * The plugin's Java alone: each call of the guide is posted as the plugin's JavaScript and Capacitor's would post it.
 * For what the plugin has no function, nothing is posted: Capacitor's JavaScript rejects that by itself, with this code.
 */
public final class App implements Adapter {
    private static final String PLUGIN = "Intercom";

    private final Source source;
    private final Calls calls;
    private final Host host;
    private int posted;

    /** The plugin's folder, and the file calls.json. */
    public App(String[] given) throws Exception {
        source = new Source(given[0]);
        calls = new Calls(given[1]);
        host = new Host(source.plugin(), App::settle);
    }

    @Override public Map<String, Object> binding() throws Exception {
        return Map.of("name", source.name(), "version", source.version(), "style", "promises",
                "capabilities", Guide.capabilities(this::offers), "silent", source.silent());
    }

    @Override public void start() throws Exception {
        host.start();
    }

    @Override public void call(Call call) throws Exception {
        JSONObject row = calls.row(call.method, call.arguments);
        if (row == null) {
            call.error(Map.of("code", "UNIMPLEMENTED", "message", call.method + " is not implemented"));
            return;
        }
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("callbackId", String.valueOf(++posted));
        message.put("pluginId", PLUGIN);
        message.put("methodName", row.optString("call"));
        message.put("options", calls.options(call.method, row, call.arguments));
        host.post(call, Json.text(message));
    }

    private static void settle(Call call, String message) {
        JSONObject reply = (JSONObject) Json.parsed(message);
        if (!reply.optBoolean("success")) {
            call.error(reply.opt("error"));
        } else if (reply.has("data")) {
            call.success(reply.opt("data"));
        } else {
            call.success();
        }
    }

    /** By the types of the plugin, its login takes no further attributes, and an update no companies. */
    private boolean offers(String method, String argument) {
        if (List.of("attributes", "companies").contains(String.valueOf(argument))) {
            return false;
        }
        List<String> functions = calls.functions(method, argument);
        return !functions.isEmpty() && host.methods().containsAll(functions);
    }
}
