package com.google.firebase.messaging;

import java.util.Map;

/** A push message; none ever arrives. */
public class RemoteMessage {
    public Map<String, String> getData() {
        return Map.of();
    }
}
