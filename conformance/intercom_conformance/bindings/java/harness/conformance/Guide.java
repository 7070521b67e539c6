package conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.json.JSONArray;
import org.json.JSONObject;

/** The tables of guide.json: how an app that follows the guide writes a call. */
public final class Guide {
    /** Whether a binding offers a method, with the one argument that it is about (null: whatever the argument). */
    public interface Offers {
        boolean test(String method, String argument);
    }

    private static final JSONObject TABLES = read();

    private Guide() {}

    /** The capabilities all of whose methods the binding offers. */
    public static List<String> capabilities(Offers offers) {
        List<String> found = new ArrayList<>();
        JSONObject table = TABLES.optJSONObject("capabilities");
        for (Iterator<String> names = table.keys(); names.hasNext();) {
            String name = names.next();
            if (Json.list(table.opt(name)).stream().allMatch(use -> offered((JSONArray) use, offers))) {
                found.add(name);
            }
        }
        return found;
    }

    /** Whether the success of a method has something to tell. */
    public static boolean tells(String method) {
        return Json.list(TABLES.opt("telling")).contains(method);
    }

    private static boolean offered(JSONArray use, Offers offers) {
        return offers.test(use.optString(0), use.length() > 1 ? use.optString(1) : null);
    }

    private static JSONObject read() {
        try {
            return (JSONObject) Json.parsed(Files.readString(Path.of(System.getProperty("conformance.guide"))));
        } catch (IOException error) {
            throw new IllegalStateException(error);
        }
    }
}
