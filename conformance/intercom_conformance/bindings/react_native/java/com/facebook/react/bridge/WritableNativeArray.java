package com.facebook.react.bridge;

/** An array that Java makes for JavaScript. */
public class WritableNativeArray extends ReadableNativeArray implements WritableArray {
    @Override
    public void pushNull() {
        values.add(null);
    }

    @Override
    public void pushBoolean(boolean value) {
        values.add(value);
    }

    @Override
    public void pushDouble(double value) {
        values.add(value);
    }

    @Override
    public void pushInt(int value) {
        values.add((double) value);
    }

    @Override
    public void pushString(String value) {
        values.add(value);
    }

    @Override
    public void pushArray(ReadableArray value) {
        values.add(value);
    }

    @Override
    public void pushMap(ReadableMap value) {
        values.add(value);
    }
}
