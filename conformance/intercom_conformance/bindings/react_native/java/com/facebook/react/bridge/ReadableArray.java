package com.facebook.react.bridge;

import java.util.ArrayList;

/** An array of JavaScript. */
public interface ReadableArray {
    int size();

    boolean isNull(int index);

    boolean getBoolean(int index);

    double getDouble(int index);

    int getInt(int index);

    String getString(int index);

    ReadableArray getArray(int index);

    ReadableMap getMap(int index);

    ReadableType getType(int index);

    ArrayList<Object> toArrayList();
}
