package com.facebook.react.bridge;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An object of JavaScript in Java, as React Native 0.81 has it: of a key that is missing or null, texts, maps and arrays
 * are null, and a flag or a number throws, as does a value of another type. All numbers are doubles, cut off for ints.
 */
public class ReadableNativeMap implements ReadableMap {
    protected final Map<String, Object> values = new LinkedHashMap<>();

    protected ReadableNativeMap() {}

    public ReadableNativeMap(Map<String, Object> values) {
        this.values.putAll(values);
    }

    @Override
    public boolean hasKey(String name) {
        return values.containsKey(name);
    }

    @Override
    public boolean isNull(String name) {
        return known(name) == null;
    }

    @Override
    public boolean getBoolean(String name) {
        return present(name, Boolean.class);
    }

    @Override
    public double getDouble(String name) {
        return present(name, Double.class);
    }

    @Override
    public int getInt(String name) {
        return present(name, Double.class).intValue();
    }

    @Override
    public String getString(String name) {
        return cast(name, values.get(name), String.class);
    }

    @Override
    public ReadableArray getArray(String name) {
        return cast(name, values.get(name), ReadableArray.class);
    }

    @Override
    public ReadableNativeMap getMap(String name) {
        return cast(name, values.get(name), ReadableNativeMap.class);
    }

    @Override
    public ReadableType getType(String name) {
        return ReadableType.of(known(name));
    }

    @Override
    public ReadableMapKeySetIterator keySetIterator() {
        Iterator<String> keys = values.keySet().iterator();
        return new ReadableMapKeySetIterator() {
            @Override
            public boolean hasNextKey() {
                return keys.hasNext();
            }

            @Override
            public String nextKey() {
                return keys.next();
            }
        };
    }

    @Override
    public HashMap<String, Object> toHashMap() {
        HashMap<String, Object> map = new HashMap<>();
        values.forEach((key, value) -> map.put(key, ReadableNativeArray.plain(value)));
        return map;
    }

    private Object known(String name) {
        if (!values.containsKey(name)) throw new NoSuchKeyException(name);
        return values.get(name);
    }

    /** The value of a key that must be there. React Native asserts that it is not null, which is no Exception. */
    private <T> T present(String name, Class<T> type) {
        Object value = known(name);
        if (value == null) throw new AssertionError();
        return cast(name, value, type);
    }

    private static <T> T cast(String name, Object value, Class<T> type) {
        if (value == null || type.isInstance(value)) return type.cast(value);
        String found = value.getClass().getSimpleName();
        throw new UnexpectedNativeTypeException(
                "Value for " + name + " cannot be cast from " + found + " to " + type.getSimpleName());
    }
}
