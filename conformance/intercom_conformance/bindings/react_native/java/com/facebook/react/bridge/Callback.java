package com.facebook.react.bridge;

/** A function of the JavaScript side. */
public interface Callback {
    void invoke(Object... args);
}
