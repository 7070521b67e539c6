package conformance.capacitor;

import androidx.webkit.WebViewCompat;
import com.getcapacitor.Bridge;
import com.getcapacitor.JSExport;
import com.getcapacitor.Plugin;
import com.getcapacitor.PluginMethod;
import conformance.Call;
import conformance.Json;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.json.JSONObject;

/** A running Capacitor app with one plugin: the real handling of its messages, around a bridge that is a stub. */
final class Host {
    private final Class<? extends Plugin> type;
    private final Bridge bridge = new Bridge();
    private final Map<String, Call> calls = new HashMap<>();
    private final BiConsumer<Call, String> replies;

    /** The app, before its start; {@code replies} receives what the page is answered, with the call it belongs to. */
    Host(Class<? extends Plugin> type, BiConsumer<Call, String> replies) {
        this.type = type;
        this.replies = replies;
    }

    /** The names of the plugin's methods. */
    Set<String> methods() {
        return Arrays.stream(type.getMethods()).filter(method -> method.isAnnotationPresent(PluginMethod.class))
                .map(method -> method.getName()).collect(Collectors.toSet());
    }

    void start() throws Exception {
        bridge.registerPlugin(type);
        bridge.onStart();
        bridge.onResume();
    }

    /** The script that tells the page of the plugins. */
    String script() {
        return JSExport.getPluginJS(bridge.getPlugins());
    }

    /** The page posts a message of a call. */
    void post(Call call, String message) {
        calls.put(callbackId(message), call);
        WebViewCompat.post(message, this::reply);
    }

    private void reply(String message) {
        replies.accept(calls.get(callbackId(message)), message);
    }

    private static String callbackId(String message) {
        return ((JSONObject) Json.parsed(message)).optString("callbackId");
    }
}
