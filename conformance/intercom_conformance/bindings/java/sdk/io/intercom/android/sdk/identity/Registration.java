package io.intercom.android.sdk.identity;

import conformance.Json;
import io.intercom.android.sdk.UserAttributes;
import java.util.LinkedHashMap;
import java.util.Map;
import org.json.JSONObject;

/** Who logs in. */
public class Registration {
    private String userId;
    private String email;
    private UserAttributes attributes;

    public static Registration create() {
        return new Registration();
    }

    /** The registration that the kit describes; null if nobody is logged in. */
    public static Registration of(Object described) {
        if (!(described instanceof JSONObject)) {
            return null;
        }
        Registration registration = new Registration();
        registration.userId = (String) Json.get((JSONObject) described, "userId");
        registration.email = (String) Json.get((JSONObject) described, "email");
        return registration;
    }

    public Registration withUserId(String userId) {
        this.userId = userId;
        return this;
    }

    public Registration withEmail(String email) {
        this.email = email;
        return this;
    }

    public Registration withUserAttributes(UserAttributes attributes) {
        this.attributes = attributes;
        return this;
    }

    public String getUserId() {
        return userId;
    }

    public String getEmail() {
        return email;
    }

    public UserAttributes getAttributes() {
        return attributes;
    }

    /** The login's attributes as the guide writes them. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        if (attributes != null) {
            map.putAll(attributes.toMap());
        }
        if (userId != null) {
            map.put("userId", userId);
        }
        if (email != null) {
            map.put("email", email);
        }
        return map;
    }
}
