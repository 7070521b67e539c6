package io.intercom.android.sdk.push;

import android.app.Application;
import android.app.TaskStackBuilder;
import conformance.Native;
import java.util.Map;

/** Hands the device's push token over. No push message ever arrives. */
public class IntercomPushClient {
    public void sendTokenToIntercom(Application application, String token) {
        Native.tell("sendPushToken", token);
    }

    public boolean isIntercomPush(Map<?, ?> message) {
        return false;
    }

    public void handlePush(Application application, Map<?, ?> message) {}

    public void handlePushWithCustomStack(Application application, Map<?, ?> message, TaskStackBuilder stack) {}
}
