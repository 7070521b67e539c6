package io.intercom.android.sdk;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is known of a user, under the guide's names. Bridges in the SDK's package write into the builder's maps by
 * themselves: which names the SDK's server would understand there is not known, so they are passed on as they are.
 */
public class UserAttributes {
    private final Map<String, Object> map;

    private UserAttributes(Map<String, Object> map) {
        this.map = map;
    }

    public Map<String, Object> toMap() {
        return map;
    }

    public static class Builder {
        final Map<String, Object> attributes = new LinkedHashMap<>();
        final Map<String, Object> customAttributes = new LinkedHashMap<>();
        final List<Map<String, Object>> companies = new ArrayList<>();

        public Builder withUserId(String userId) {
            return with("userId", userId);
        }

        public Builder withEmail(String email) {
            return with("email", email);
        }

        public Builder withName(String name) {
            return with("name", name);
        }

        public Builder withPhone(String phone) {
            return with("phone", phone);
        }

        public Builder withLanguageOverride(String language) {
            return with("languageOverride", language);
        }

        public Builder withSignedUpAt(Date date) {
            return with("signedUpAt", date == null ? null : date.getTime() / 1000);
        }

        public Builder withSignedUpAt(Long seconds) {
            return with("signedUpAt", seconds);
        }

        public Builder withUnsubscribedFromEmails(Boolean unsubscribed) {
            return with("unsubscribedFromEmails", unsubscribed);
        }

        public Builder withCompany(Company company) {
            companies.add(company.toMap());
            return this;
        }

        public Builder withCustomAttribute(String name, Object value) {
            return withCustomAttributes(Collections.singletonMap(name, value));
        }

        public Builder withCustomAttributes(Map<String, ?> attributes) {
            customAttributes.putAll(CustomAttributes.taken(attributes));
            return this;
        }

        public UserAttributes build() {
            Map<String, Object> map = new LinkedHashMap<>(attributes);
            if (!customAttributes.isEmpty()) {
                map.put("customAttributes", customAttributes);
            }
            if (!companies.isEmpty()) {
                map.put("companies", companies);
            }
            return new UserAttributes(map);
        }

        private Builder with(String name, Object value) {
            attributes.put(name, value);
            return this;
        }
    }
}
