package conformance.react;

import conformance.Adapter;
import conformance.Call;
import conformance.Guide;
import io.intercom.android.sdk.Intercom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.json.JSONArray;
import org.json.JSONObject;

/**
 * An app over the package's Java alone: {@code FOLDER ARCHITECTURE}. It calls the native module as the package's
 * JavaScript does: under its names, with all of a method's arguments, those that are missing as null.
 */
public final class App implements Adapter {
    /** What the native module calls otherwise than the guide. */
    private static final Map<String, String> NAMES = Map.of(
            "present", "presentIntercom", "presentSpace", "presentIntercomSpace",
            "unreadConversationCount", "getUnreadConversationCount", "sendPushToken", "sendTokenToIntercom");
    /** The methods whose missing argument is an empty text. */
    private static final Set<String> DEFAULTING = Set.of("fetchHelpCenterCollection", "searchHelpCenter");

    private final JSONObject manifest;
    private final String written;
    private final Host host;

    public App(String... given) throws Exception {
        Path folder = Path.of(given[0]);
        manifest = new JSONObject(Files.readString(folder.resolve("package.json")));
        written = javaScript(folder.resolve(manifest.optString("main", "index.js")).normalize());
        host = new Host(given[1]);
    }

    @Override
    public Map<String, Object> binding() {
        return Map.of(
                "name", manifest.optString("name"), "version", manifest.optString("version"), "style", "promises",
                "capabilities", Guide.capabilities(this::offers), "silent", Intercom.silent(null));
    }

    @Override
    public void start() {}

    @Override
    public void call(Call call) {
        String method = NAMES.getOrDefault(call.method, call.method);
        // What has nothing to tell resolves with true, which tells no more than success does.
        boolean telling = Guide.tells(call.method);
        JSONArray arguments = host.methods().contains(method) ? arguments(method, call.arguments) : call.arguments;
        host.call(method, arguments, new JavaScriptPromise(value -> {
            if (Boolean.TRUE.equals(value) && !telling) {
                call.success();
            } else {
                call.success(value);
            }
        }, error -> call.error(told((Map<?, ?>) error))));
    }

    private JSONArray arguments(String method, JSONArray given) {
        JSONArray all = new JSONArray();
        Object missing = DEFAULTING.contains(method) ? "" : JSONObject.NULL;
        for (int i = 0; i < host.parameters(method); i++) {
            all.put(i < given.length() ? given.opt(i) : missing);
        }
        return all;
    }

    /** Code and message of a JavaScript error, each if it has one. */
    private static Map<String, Object> told(Map<?, ?> error) {
        Map<String, Object> told = new LinkedHashMap<>();
        for (String name : new String[] {"code", "message"}) {
            if (error.containsKey(name)) {
                told.put(name, error.get(name));
            }
        }
        return told;
    }

    /** Spaces and types of content are texts to Java: the app has those that the package's JavaScript names. */
    private boolean offers(String method, String argument) {
        boolean text = "presentSpace".equals(method) || "presentContent".equals(method);
        boolean named = !text || argument == null || written.contains('"' + argument + '"');
        return named && host.methods().contains(NAMES.getOrDefault(method, method));
    }

    private static String javaScript(Path main) throws IOException {
        Path named = Files.isRegularFile(main) ? main : main.resolveSibling(main.getFileName() + ".js");
        return Files.readString(Files.isRegularFile(named) ? named : main.resolve("index.js"));
    }
}
