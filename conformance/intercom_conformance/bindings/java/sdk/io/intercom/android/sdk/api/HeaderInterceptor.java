package io.intercom.android.sdk.api;

import android.content.Context;

class HeaderInterceptor {
    static void setCordovaVersion(Context context, String version) {}

    static void setReactNativeVersion(Context context, String version) {}
}
