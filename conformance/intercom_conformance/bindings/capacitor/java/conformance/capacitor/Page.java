package conformance.capacitor;

import conformance.Adapter;
import conformance.Call;
import java.util.Map;

/** The plugin's Java below a page: {@code post} takes the page's messages, {@code script} tells it of the plugin. */
public final class Page implements Adapter {
    private final Source source;
    private final Host host;

    /** The plugin's folder. */
    public Page(String[] given) throws Exception {
        source = new Source(given[0]);
        host = new Host(source.plugin(), Call::success);
    }

    @Override public Map<String, Object> binding() throws Exception {
        return Map.of("name", source.name(), "silent", source.silent());
    }

    @Override public void start() throws Exception {
        host.start();
    }

    @Override public void call(Call call) {
        if ("script".equals(call.method)) {
            call.success(host.script());
        } else {
            host.post(call, call.arguments.optString(0));
        }
    }
}
