package io.intercom.android.sdk.helpcenter.sections;

import conformance.Json;
import java.util.ArrayList;
import java.util.List;
import org.json.JSONObject;

public class HelpCenterArticle {
    private final String articleId;
    private final String title;

    private HelpCenterArticle(JSONObject article) {
        articleId = article.optString("id");
        title = article.optString("title");
    }

    static List<HelpCenterArticle> each(JSONObject holder) {
        List<HelpCenterArticle> articles = new ArrayList<>();
        for (Object article : Json.list(holder.opt("articles"))) {
            articles.add(new HelpCenterArticle((JSONObject) article));
        }
        return articles;
    }

    public String getArticleId() {
        return articleId;
    }

    public String getTitle() {
        return title;
    }
}
