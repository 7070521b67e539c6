package io.intercom.android.sdk;

public final class R {
    public static final class string {
        public static final int intercom_gcm_sender_id = 1;
    }
}
