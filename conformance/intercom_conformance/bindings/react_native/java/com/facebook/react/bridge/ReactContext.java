package com.facebook.react.bridge;

import android.content.Context;

/** What a module knows of the app around it. No JavaScript listens to events here. */
public class ReactContext {
    private final Context application;

    public ReactContext(Context application) {
        this.application = application;
    }

    public Context getApplicationContext() {
        return application;
    }

    public boolean hasActiveCatalystInstance() {
        return false;
    }

    public <T extends JavaScriptModule> T getJSModule(Class<T> type) {
        throw new IllegalStateException("No JavaScript runs: " + type.getSimpleName());
    }
}
