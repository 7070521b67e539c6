package conformance;

import java.util.LinkedHashMap;
import java.util.Map;
import org.json.JSONArray;
import org.json.JSONObject;

/** One call of the app: what it asks for, and where its outcome goes. */
public final class Call {
    private static final Object NOTHING = new Object();

    private final String name;
    private final Object installation;
    private final JSONArray callbacks;
    public final String method;
    public final JSONArray arguments;

    Call(JSONObject params, Object installation) {
        this.name = params.optString("call");
        this.method = params.optString("method");
        this.arguments = params.optJSONArray("arguments");
        this.callbacks = params.optJSONArray("callbacks");
        this.installation = installation;
    }

    /** Whether the app gave this callback. */
    public boolean gives(String callback) {
        return Json.list(callbacks).contains(callback);
    }

    public void success() {
        settle("success", NOTHING);
    }

    public void success(Object value) {
        settle("success", value);
    }

    public void error(Object value) {
        settle("error", value);
    }

    public void returned(Object value) {
        Reaction.returned(value);
    }

    public void settle(String callback, Object value) {
        if (installation != Main.installation()) {
            return;
        }
        Map<String, Object> settled = new LinkedHashMap<>();
        settled.put("call", name);
        settled.put("callback", callback);
        if (value != NOTHING) {
            settled.put("value", value);
        }
        Reaction.settle(settled);
    }
}
