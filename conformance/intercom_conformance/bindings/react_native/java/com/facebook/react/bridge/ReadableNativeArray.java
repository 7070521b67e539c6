package com.facebook.react.bridge;

import java.util.ArrayList;
import java.util.List;

/** An array of JavaScript in Java. A value of another type cannot be cast, and null is no flag and no number. */
public class ReadableNativeArray implements ReadableArray {
    protected final List<Object> values = new ArrayList<>();

    protected ReadableNativeArray() {}

    public ReadableNativeArray(List<Object> values) {
        this.values.addAll(values);
    }

    @Override
    public int size() {
        return values.size();
    }

    @Override
    public boolean isNull(int index) {
        return values.get(index) == null;
    }

    @Override
    public boolean getBoolean(int index) {
        return (Boolean) values.get(index);
    }

    @Override
    public double getDouble(int index) {
        return (Double) values.get(index);
    }

    @Override
    public int getInt(int index) {
        return ((Double) values.get(index)).intValue();
    }

    @Override
    public String getString(int index) {
        return (String) values.get(index);
    }

    @Override
    public ReadableNativeArray getArray(int index) {
        return (ReadableNativeArray) values.get(index);
    }

    @Override
    public ReadableNativeMap getMap(int index) {
        return (ReadableNativeMap) values.get(index);
    }

    @Override
    public ReadableType getType(int index) {
        return ReadableType.of(values.get(index));
    }

    @Override
    public ArrayList<Object> toArrayList() {
        ArrayList<Object> list = new ArrayList<>();
        for (Object value : values) list.add(plain(value));
        return list;
    }

    static Object plain(Object value) {
        if (value instanceof ReadableMap) return ((ReadableMap) value).toHashMap();
        return value instanceof ReadableArray ? ((ReadableArray) value).toArrayList() : value;
    }
}
