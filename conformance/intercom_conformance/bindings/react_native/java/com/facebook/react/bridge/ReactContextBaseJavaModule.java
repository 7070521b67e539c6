package com.facebook.react.bridge;

/** The base of modules that need the context. */
public abstract class ReactContextBaseJavaModule extends BaseJavaModule {
    public ReactContextBaseJavaModule(ReactApplicationContext context) {
        super(context);
    }
}
