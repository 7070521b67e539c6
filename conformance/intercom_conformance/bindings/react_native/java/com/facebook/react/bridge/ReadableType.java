package com.facebook.react.bridge;

/** What a value of JavaScript is to Java. */
public enum ReadableType {
    Null, Boolean, Number, String, Map, Array;

    /** The type of a value as `Crossing` makes them. */
    static ReadableType of(Object value) {
        if (value == null) return Null;
        if (value instanceof java.lang.Boolean) return Boolean;
        if (value instanceof Double) return Number;
        if (value instanceof java.lang.String) return String;
        return value instanceof ReadableMap ? Map : Array;
    }
}
