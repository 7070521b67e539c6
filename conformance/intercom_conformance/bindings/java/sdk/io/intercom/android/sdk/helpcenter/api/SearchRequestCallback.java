package io.intercom.android.sdk.helpcenter.api;

import java.util.List;

public interface SearchRequestCallback {
    void onComplete(List<HelpCenterArticleSearchResult> results);

    void onError(int errorCode);

    void onFailure();
}
