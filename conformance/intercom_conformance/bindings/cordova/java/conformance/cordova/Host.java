package conformance.cordova;

import androidx.appcompat.app.AppCompatActivity;
import conformance.Pool;
import conformance.Stub;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.cordova.CordovaBridge;
import org.apache.cordova.CordovaInterface;
import org.apache.cordova.CordovaPreferences;
import org.apache.cordova.CordovaWebView;
import org.apache.cordova.NativeToJsMessageQueue;
import org.apache.cordova.PluginEntry;
import org.apache.cordova.PluginManager;
import org.apache.cordova.PluginResult;
import org.json.JSONArray;

/**
 * A running Cordova app: the real plugin manager, bridge and message queue, around an activity and a web view that
 * are stubs.
 */
final class Host {
    private static final String PAGE = "https://localhost/";

    private final AppCompatActivity activity = new AppCompatActivity();
    private final CordovaPreferences preferences = new CordovaPreferences();
    private final PluginManager plugins;
    private final CordovaBridge bridge;
    private String secret;

    /** The app, before its start; {@code results} receives what plugins answer, with the callback's id. */
    Host(List<PluginEntry> services, NativeToJsMessageQueue queue, BiConsumer<PluginResult, String> results) {
        CordovaWebView view = Stub.of(CordovaWebView.class, Map.of(
                "getPreferences", none -> preferences,
                "getContext", none -> activity,
                "sendPluginResult", given -> {
                    results.accept((PluginResult) given[0], (String) given[1]);
                    return null;
                }));
        plugins = new PluginManager(view, cordova(activity), services);
        bridge = new CordovaBridge(plugins, queue);
    }

    static CordovaInterface cordova(AppCompatActivity activity) {
        Pool pool = new Pool();
        return Stub.of(CordovaInterface.class, Map.of(
                "getActivity", none -> activity, "getContext", none -> activity, "getThreadPool", none -> pool));
    }

    /** The page loads and the activity comes up; {@code mode} is how messages shall reach the page. */
    void start(int mode) {
        plugins.init();
        secret = bridge.promptOnJsPrompt(PAGE, "", "gap_init:" + mode);
        plugins.onStart();
        plugins.onResume(false);
    }

    /** What {@code cordova.exec} asks of the native side; the messages that it has at once, if it has any. */
    String exec(String service, String action, String callbackId, String arguments) {
        JSONArray target = new JSONArray().put(Integer.parseInt(secret)).put(service).put(action).put(callbackId);
        return bridge.promptOnJsPrompt(PAGE, arguments, "gap:" + target);
    }
}
