package io.intercom.android.sdk;

public class AuthToken {
    public AuthToken(String name, String value) {}
}
