package io.intercom.android.sdk.api;

public class UserUpdateRequest {
    public static UserUpdateRequest create(boolean newSession, boolean sentFromBackground, boolean internalUpdate) {
        return new UserUpdateRequest();
    }
}
