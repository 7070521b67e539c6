package com.facebook.react.bridge;

import java.util.HashMap;
import java.util.Map;

/** What every module has by default. */
public abstract class BaseJavaModule implements NativeModule {
    private final ReactApplicationContext context;

    public BaseJavaModule(ReactApplicationContext context) {
        this.context = context;
    }

    public Map<String, Object> getConstants() {
        return new HashMap<>();
    }

    public void initialize() {}

    public void invalidate() {}

    protected final ReactApplicationContext getReactApplicationContext() {
        return context;
    }
}
