package io.intercom.android.sdk.helpcenter.sections;

import conformance.Json;
import io.intercom.android.sdk.helpcenter.collections.HelpCenterCollection;
import java.util.ArrayList;
import java.util.List;
import org.json.JSONObject;

public class HelpCenterCollectionContent {
    private final String collectionId;
    private final String title;
    private final String summary;
    private final List<HelpCenterArticle> helpCenterArticles;
    private final List<HelpCenterSection> helpCenterSections = new ArrayList<>();
    private final List<HelpCenterCollection> subCollections = new ArrayList<>();

    private HelpCenterCollectionContent(JSONObject collection) {
        collectionId = collection.optString("id");
        title = collection.optString("title");
        summary = collection.isNull("summary") ? "" : collection.optString("summary");
        helpCenterArticles = HelpCenterArticle.each(collection);
        for (Object section : Json.list(collection.opt("sections"))) {
            helpCenterSections.add(new HelpCenterSection((JSONObject) section));
        }
        for (Object child : Json.list(collection.opt("collections"))) {
            subCollections.add(HelpCenterCollection.of((JSONObject) child));
        }
    }

    public static HelpCenterCollectionContent of(JSONObject collection) {
        return new HelpCenterCollectionContent(collection);
    }

    public String getCollectionId() {
        return collectionId;
    }

    public String getTitle() {
        return title;
    }

    public String getSummary() {
        return summary;
    }

    public List<HelpCenterArticle> getHelpCenterArticles() {
        return helpCenterArticles;
    }

    public List<HelpCenterSection> getHelpCenterSections() {
        return helpCenterSections;
    }

    public List<HelpCenterCollection> getSubCollections() {
        return subCollections;
    }
}
