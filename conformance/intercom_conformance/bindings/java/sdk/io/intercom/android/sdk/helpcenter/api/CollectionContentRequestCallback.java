package io.intercom.android.sdk.helpcenter.api;

import io.intercom.android.sdk.helpcenter.sections.HelpCenterCollectionContent;

public interface CollectionContentRequestCallback {
    void onComplete(HelpCenterCollectionContent collection);

    void onError(int errorCode);

    void onFailure();
}
