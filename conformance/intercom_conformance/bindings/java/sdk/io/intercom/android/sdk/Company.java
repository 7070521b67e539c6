package io.intercom.android.sdk;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** What is known of a company, under the guide's names. */
public class Company {
    private final Map<String, Object> map;

    private Company(Map<String, Object> map) {
        this.map = map;
    }

    Map<String, Object> toMap() {
        return map;
    }

    public static class Builder {
        private final Map<String, Object> attributes = new LinkedHashMap<>();
        private final Map<String, Object> customAttributes = new LinkedHashMap<>();

        public Builder withCompanyId(String id) {
            return with("id", id);
        }

        public Builder withName(String name) {
            return with("name", name);
        }

        public Builder withPlan(String plan) {
            return with("plan", plan);
        }

        public Builder withMonthlySpend(Integer spend) {
            return with("monthlySpend", spend);
        }

        public Builder withCreatedAt(Long seconds) {
            return with("createdAt", seconds);
        }

        public Builder withCustomAttribute(String name, Object value) {
            return withCustomAttributes(Collections.singletonMap(name, value));
        }

        public Builder withCustomAttributes(Map<String, ?> attributes) {
            customAttributes.putAll(CustomAttributes.taken(attributes));
            return this;
        }

        public Company build() {
            Map<String, Object> map = new LinkedHashMap<>(attributes);
            if (!customAttributes.isEmpty()) {
                map.put("customAttributes", customAttributes);
            }
            return new Company(map);
        }

        private Builder with(String name, Object value) {
            attributes.put(name, value);
            return this;
        }
    }
}
