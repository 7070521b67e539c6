package com.facebook.react.bridge;

/** An array that Java makes for JavaScript. */
public interface WritableArray extends ReadableArray {
    void pushNull();

    void pushBoolean(boolean value);

    void pushDouble(double value);

    void pushInt(int value);

    void pushString(String value);

    void pushArray(ReadableArray value);

    void pushMap(ReadableMap value);
}
