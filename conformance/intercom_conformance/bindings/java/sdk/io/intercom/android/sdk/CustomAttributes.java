package io.intercom.android.sdk;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Attributes of an app's own. The SDK's documentation names the types of values that it takes; it adds no others. */
final class CustomAttributes {
    private static final List<Class<?>> TYPES = List.of(
            String.class, Long.class, Float.class, Double.class, Boolean.class, Character.class, Byte.class,
            Short.class, Integer.class);

    private CustomAttributes() {}

    /** Those of the attributes that the SDK takes; null, which clears one, is of every type. No map holds none. */
    static Map<String, Object> taken(Map<String, ?> attributes) {
        Map<String, Object> taken = new LinkedHashMap<>();
        Map<String, ?> given = attributes == null ? Map.of() : attributes;
        given.forEach((name, value) -> {
            if (value == null || TYPES.contains(value.getClass())) {
                taken.put(name, value);
            }
        });
        return taken;
    }
}
