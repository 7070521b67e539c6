package conformance.cordova;

import conformance.Adapter;
import conformance.Call;
import conformance.Guide;
import conformance.Json;
import io.intercom.android.sdk.Intercom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.cordova.NativeToJsMessageQueue;
import org.apache.cordova.PluginResult;
import org.json.JSONArray;
import org.json.JSONObject;

/**
 * The plugin's Java alone: each call of the guide goes to {@code cordova.exec}'s native side as the plugin's own
 * JavaScript would hand it over, under the guide's name if that JavaScript has it, or else under the older one.
 */
public final class App implements Adapter {
    private static final int POLLING = 0;

    private final Plugin plugin;
    private final Set<String> actions;
    private final Host host;
    private final Map<String, Call> calls = new HashMap<>();

    public App(String[] given) throws Exception {
        plugin = new Plugin(given[0]);
        actions = plugin.actions();
        NativeToJsMessageQueue queue = new NativeToJsMessageQueue();
        queue.addBridgeMode(new NativeToJsMessageQueue.NoOpBridgeMode());
        host = new Host(plugin.services(), queue, this::settle);
    }

    @Override public Map<String, Object> binding() throws Exception {
        List<String> capabilities = new ArrayList<>(List.of("callbacks"));
        capabilities.addAll(Guide.capabilities(this::offers));
        return Map.of("name", plugin.id(), "version", plugin.version(), "style", "callbacks",
                "capabilities", capabilities, "silent", Intercom.silent(plugin.sdk()));
    }

    @Override public void start() {
        host.start(POLLING);
    }

    @Override public void call(Call call) {
        List<Object> request = request(call.method, call.arguments);
        if (request == null) {
            throw new IllegalArgumentException("The plugin has no action for " + call.method + ".");
        }
        String id = "Intercom" + calls.size();
        calls.put(id, call);
        host.exec("Intercom", (String) request.get(0), id, Json.text(request.subList(1, request.size())));
    }

    /** As cordova.js does it: OK is a success, and no other result but none at all; what is not kept comes once. */
    private void settle(PluginResult result, String id) {
        Call call = result.getKeepCallback() ? calls.get(id) : calls.put(id, null);
        boolean successful = result.getStatus() == PluginResult.Status.OK.ordinal();
        if (call == null || result.getStatus() == PluginResult.Status.NO_RESULT.ordinal()) {
            return;
        }
        if (call.gives(successful ? "success" : "error")) {
            settle(call, successful, message(result));
        }
    }

    /** What has nothing to tell brings Cordova's own OK, which tells no more than success does. */
    private static void settle(Call call, boolean successful, Object message) {
        if (!successful) {
            call.error(message);
        } else if ("OK".equals(message) && !Guide.tells(call.method)) {
            call.success();
        } else {
            call.success(message);
        }
    }

    private static Object message(PluginResult result) {
        return result.getMessageType() == PluginResult.MESSAGE_TYPE_NULL ? null : Json.parsed(result.getMessage());
    }

    private boolean offers(String method, String argument) {
        JSONArray arguments = new JSONArray();
        if (argument != null) {
            arguments.put("presentContent".equals(method) ? Json.parsed("{\"type\":\"" + argument + "\"}") : argument);
        }
        boolean attributesAtLogin = "attributes".equals(argument);
        return !attributesAtLogin && request(method, arguments) != null;
    }

    /** The action that the plugin's JavaScript asks for, followed by its arguments; null if there is none. */
    private List<Object> request(String method, JSONArray arguments) {
        Object first = arguments.length() > 0 ? arguments.opt(0) : JSONObject.NULL;
        switch (method) {
            case "loginUnidentifiedUser": return either(action(method), action("registerUnidentifiedUser"));
            case "loginUserWithUserAttributes": return either(action(method, first), action("registerIdentifiedUser", first));
            case "present": return either(action(method), action("displayMessenger"));
            case "presentSpace": return either(action("presentIntercomSpace", first), space(first));
            case "presentContent": return either(action(method, first), content(first));
            case "presentMessageComposer": return either(action(method, first), composer(arguments.length() > 0, first));
            case "sendPushToken": return either(action(method, first), action("sendPushTokenToIntercom", first));
            case "hideIntercom": return either(action(method), action("hideMessenger"));
            case "logEvent": return action(method, first, arguments.length() > 1 ? arguments.opt(1) : JSONObject.NULL);
            case "setUserHash": case "updateUser": case "setLauncherVisibility": case "setInAppMessageVisibility":
            case "setBottomPadding": case "fetchHelpCenterCollection": case "searchHelpCenter":
                return action(method, first);
            default: return action(method);
        }
    }

    private List<Object> space(Object space) {
        return "HELP_CENTER".equals(space) ? action("displayHelpCenter") : null;
    }

    private List<Object> composer(boolean given, Object message) {
        return given ? action("displayMessageComposerWithInitialMessage", message) : action("displayMessageComposer");
    }

    private List<Object> content(Object given) {
        JSONObject content = given instanceof JSONObject ? (JSONObject) given : new JSONObject();
        Object id = content.has("id") ? content.opt("id") : JSONObject.NULL;
        switch (content.optString("type")) {
            case "ARTICLE": return action("displayArticle", id);
            case "CAROUSEL": return action("displayCarousel", id);
            case "SURVEY": return action("displaySurvey", id);
            case "HELP_CENTER_COLLECTIONS": return action("displayHelpCenterCollections", collections(content));
            default: return null;
        }
    }

    private static Map<String, Object> collections(JSONObject content) {
        return content.has("ids") ? Map.of("collectionIds", content.opt("ids")) : Map.of();
    }

    private static List<Object> either(List<Object> newer, List<Object> older) {
        return newer == null ? older : newer;
    }

    private List<Object> action(String action, Object... arguments) {
        if (!actions.contains(action)) {
            return null;
        }
        List<Object> request = new ArrayList<>(List.of(action));
        request.addAll(Arrays.asList(arguments));
        return request;
    }
}
