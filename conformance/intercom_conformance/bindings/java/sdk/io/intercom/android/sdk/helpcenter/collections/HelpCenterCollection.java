package io.intercom.android.sdk.helpcenter.collections;

import org.json.JSONObject;

public class HelpCenterCollection {
    private final String id;
    private final String title;
    private final String summary;

    private HelpCenterCollection(JSONObject collection) {
        id = collection.optString("id");
        title = collection.optString("title");
        summary = collection.isNull("summary") ? "" : collection.optString("summary");
    }

    public static HelpCenterCollection of(JSONObject collection) {
        return new HelpCenterCollection(collection);
    }

    public String getId() {
        return id;
    }

    public String getTitle() {
        return title;
    }

    public String getSummary() {
        return summary;
    }
}
