package com.facebook.react.bridge;

import java.util.HashMap;

/** An object of JavaScript. */
public interface ReadableMap {
    boolean hasKey(String name);

    boolean isNull(String name);

    boolean getBoolean(String name);

    double getDouble(String name);

    int getInt(String name);

    String getString(String name);

    ReadableArray getArray(String name);

    ReadableMap getMap(String name);

    ReadableType getType(String name);

    ReadableMapKeySetIterator keySetIterator();

    HashMap<String, Object> toHashMap();
}
