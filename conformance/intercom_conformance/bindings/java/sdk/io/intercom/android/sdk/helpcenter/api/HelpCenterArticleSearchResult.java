package io.intercom.android.sdk.helpcenter.api;

import org.json.JSONObject;

public class HelpCenterArticleSearchResult {
    private final String articleId;
    private final String title;
    private final String summary;
    private final String matchingSnippet;

    private HelpCenterArticleSearchResult(JSONObject result) {
        articleId = result.optString("articleId");
        title = result.optString("title");
        summary = result.isNull("summary") ? "" : result.optString("summary");
        matchingSnippet = result.isNull("matchingSnippet") ? "" : result.optString("matchingSnippet");
    }

    public static HelpCenterArticleSearchResult of(JSONObject result) {
        return new HelpCenterArticleSearchResult(result);
    }

    public String getArticleId() {
        return articleId;
    }

    public String getTitle() {
        return title;
    }

    public String getSummary() {
        return summary;
    }

    public String getMatchingSnippet() {
        return matchingSnippet;
    }
}
