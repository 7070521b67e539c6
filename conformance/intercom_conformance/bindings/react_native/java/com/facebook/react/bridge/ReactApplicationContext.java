package com.facebook.react.bridge;

import android.content.Context;

/** The context that modules are made with. */
public class ReactApplicationContext extends ReactContext {
    public ReactApplicationContext(Context application) {
        super(application);
    }
}
