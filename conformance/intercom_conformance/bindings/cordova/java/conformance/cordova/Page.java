package conformance.cordova;

import androidx.appcompat.app.AppCompatActivity;
import conformance.Adapter;
import conformance.Call;
import conformance.Stub;
import io.intercom.android.sdk.Intercom;
import java.util.Map;
import org.apache.cordova.CordovaWebViewEngine;
import org.apache.cordova.NativeToJsMessageQueue;
import org.apache.cordova.NativeToJsMessageQueue.EvalBridgeMode;
import org.apache.cordova.NativeToJsMessageQueue.NoOpBridgeMode;

/**
 * The native side of a page that runs elsewhere: {@code exec} returns the messages that there are at once, and what is
 * to be evaluated in the page later is reported as a success of the call that came last.
 */
public final class Page implements Adapter {
    /** cordova.js's number for it. */
    private static final int EVAL_BRIDGE = 3;

    private final Plugin plugin;
    private final Host host;
    private Call last;

    public Page(String[] given) throws Exception {
        plugin = new Plugin(given[0]);
        NativeToJsMessageQueue queue = new NativeToJsMessageQueue();
        for (int other = 0; other < EVAL_BRIDGE; other++) {
            queue.addBridgeMode(new NoOpBridgeMode());
        }
        CordovaWebViewEngine engine = Stub.of(CordovaWebViewEngine.class, Map.of("evaluateJavascript", script -> {
            last.success(script[0]);
            return null;
        }));
        queue.addBridgeMode(new EvalBridgeMode(engine, Host.cordova(new AppCompatActivity())));
        host = new Host(plugin.services(), queue, queue::addPluginResult);
    }

    @Override public Map<String, Object> binding() throws Exception {
        return Map.of("name", plugin.id(), "silent", Intercom.silent(plugin.sdk()));
    }

    @Override public void start() {
        host.start(EVAL_BRIDGE);
    }

    @Override public void call(Call call) {
        last = call;
        String messages = host.exec(call.arguments.optString(0), call.arguments.optString(1),
                call.arguments.optString(2), call.arguments.optString(3));
        if (!messages.isEmpty()) {
            call.returned(messages);
        }
    }
}
