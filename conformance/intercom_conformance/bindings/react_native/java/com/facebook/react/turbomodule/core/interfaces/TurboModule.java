package com.facebook.react.turbomodule.core.interfaces;

/** Marks a module of the new architecture. */
public interface TurboModule {
    void initialize();

    void invalidate();
}
