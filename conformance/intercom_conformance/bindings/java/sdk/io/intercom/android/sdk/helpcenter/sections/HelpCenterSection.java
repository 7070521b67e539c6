package io.intercom.android.sdk.helpcenter.sections;

import java.util.List;
import org.json.JSONObject;

public class HelpCenterSection {
    private final List<HelpCenterArticle> helpCenterArticles;
    private final String title;

    HelpCenterSection(JSONObject section) {
        helpCenterArticles = HelpCenterArticle.each(section);
        title = section.optString("title");
    }

    public List<HelpCenterArticle> getHelpCenterArticles() {
        return helpCenterArticles;
    }

    public String getTitle() {
        return title;
    }
}
