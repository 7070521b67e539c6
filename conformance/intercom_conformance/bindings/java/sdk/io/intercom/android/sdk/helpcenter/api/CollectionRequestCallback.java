package io.intercom.android.sdk.helpcenter.api;

import io.intercom.android.sdk.helpcenter.collections.HelpCenterCollection;
import java.util.List;

public interface CollectionRequestCallback {
    void onComplete(List<HelpCenterCollection> collections);

    void onError(int errorCode);

    void onFailure();
}
