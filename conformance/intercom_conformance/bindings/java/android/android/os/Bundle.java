package android.os;

import java.util.HashMap;
import java.util.Map;

public class Bundle {
    private final Map<String, Object> entries = new HashMap<>();

    public void putBundle(String name, Bundle value) {
        entries.put(name, value);
    }

    public Bundle getBundle(String name) {
        return (Bundle) entries.get(name);
    }

    public void putString(String name, String value) {
        entries.put(name, value);
    }

    public String getString(String name) {
        return (String) entries.get(name);
    }
}
