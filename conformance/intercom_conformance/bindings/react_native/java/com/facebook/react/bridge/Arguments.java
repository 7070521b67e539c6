package com.facebook.react.bridge;

/** Makes what Java hands to JavaScript. */
public class Arguments {
    public static WritableMap createMap() {
        return new WritableNativeMap();
    }

    public static WritableArray createArray() {
        return new WritableNativeArray();
    }
}
