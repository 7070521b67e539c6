package conformance;

import java.util.Map;

/** One binding as the harness drives it: a new adapter is a freshly installed app. */
public interface Adapter {
    /** What the result of initialize says of the binding; the harness knows the rest. */
    Map<String, Object> binding() throws Exception;

    /** The app starts. */
    void start() throws Exception;

    /** The app calls the binding. What this throws, the binding threw at the app. */
    void call(Call call) throws Exception;
}
