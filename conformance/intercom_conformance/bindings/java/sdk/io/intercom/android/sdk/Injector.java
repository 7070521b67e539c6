package io.intercom.android.sdk;

import io.intercom.android.sdk.api.Api;

/** The SDK's inside, as far as bridges reach into it. */
public class Injector {
    private static final Injector INJECTOR = new Injector();

    public static Injector get() {
        return INJECTOR;
    }

    public Api getApi() {
        return new Api();
    }
}
