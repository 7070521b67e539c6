package com.facebook.react.module.annotations;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** Names a module. */
@Retention(RetentionPolicy.RUNTIME)
public @interface ReactModule {
    String name();
}
