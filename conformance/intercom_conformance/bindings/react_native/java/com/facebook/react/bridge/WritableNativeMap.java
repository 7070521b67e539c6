package com.facebook.react.bridge;

/** An object that Java makes for JavaScript. */
public class WritableNativeMap extends ReadableNativeMap implements WritableMap {
    @Override
    public void putNull(String key) {
        values.put(key, null);
    }

    @Override
    public void putBoolean(String key, boolean value) {
        values.put(key, value);
    }

    @Override
    public void putDouble(String key, double value) {
        values.put(key, value);
    }

    @Override
    public void putInt(String key, int value) {
        values.put(key, (double) value);
    }

    @Override
    public void putString(String key, String value) {
        values.put(key, value);
    }

    @Override
    public void putArray(String key, ReadableArray value) {
        values.put(key, value);
    }

    @Override
    public void putMap(String key, ReadableMap value) {
        values.put(key, value);
    }

    @Override
    public void merge(ReadableMap source) {
        values.putAll(((ReadableNativeMap) source).values);
    }
}
