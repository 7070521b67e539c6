package io.intercom.android.sdk;

import android.content.Context;

/** No push module is installed. */
public class IntercomPushManager {
    public enum IntercomPushIntegrationType { FCM, NONE }

    public static IntercomPushIntegrationType getInstalledModuleType() {
        return IntercomPushIntegrationType.NONE;
    }

    public static void cacheSenderId(Context context, String senderId) {}
}
