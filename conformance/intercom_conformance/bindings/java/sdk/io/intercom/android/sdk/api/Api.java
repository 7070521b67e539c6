package io.intercom.android.sdk.api;

import io.intercom.android.sdk.IntercomStatusCallback;

/** The ping at an app's start; no method of the guide, so nothing reaches the kit. */
public class Api {
    public void updateUser(UserUpdateRequest request) {}

    public void updateUser(UserUpdateRequest request, IntercomStatusCallback callback) {}
}
