package com.facebook.react.bridge;

/** A module that JavaScript finds by its name. */
public interface NativeModule {
    String getName();
}
