package conformance.react;

import conformance.Adapter;
import conformance.Call;
import io.intercom.android.sdk.Intercom;
import java.util.Map;

/** The native module as JavaScript finds it, for the package's own JavaScript: {@code FOLDER ARCHITECTURE}. */
public final class Bridge implements Adapter {
    private final Host host;

    public Bridge(String... given) throws Exception {
        host = new Host(given[1]);
    }

    @Override
    public Map<String, Object> binding() {
        return Map.of("methods", host.methods(), "silent", Intercom.silent(null));
    }

    @Override
    public void start() {}

    @Override
    public void call(Call call) {
        host.call(call.method, call.arguments, new JavaScriptPromise(call::success, call::error));
    }
}
