package io.intercom.android.sdk;

import conformance.Json;
import conformance.Native;
import io.intercom.android.sdk.helpcenter.api.CollectionContentRequestCallback;
import io.intercom.android.sdk.helpcenter.api.CollectionRequestCallback;
import io.intercom.android.sdk.helpcenter.api.HelpCenterArticleSearchResult;
import io.intercom.android.sdk.helpcenter.api.SearchRequestCallback;
import io.intercom.android.sdk.helpcenter.collections.HelpCenterCollection;
import io.intercom.android.sdk.helpcenter.sections.HelpCenterCollectionContent;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntConsumer;
import org.json.JSONObject;

/** The kit's answers, delivered through the SDK's kinds of callback. */
final class Replies {
    private Replies() {}

    static Native.Reply status(IntercomStatusCallback callback) {
        return reply(value -> callback.onSuccess(), (code, text) -> callback.onFailure(new IntercomError(code, text)));
    }

    static Native.Reply collections(CollectionRequestCallback callback) {
        return data(value -> callback.onComplete(each(value, HelpCenterCollection::of)), callback::onError);
    }

    static Native.Reply collection(CollectionContentRequestCallback callback) {
        return data(value -> callback.onComplete(HelpCenterCollectionContent.of((JSONObject) value)), callback::onError);
    }

    static Native.Reply search(SearchRequestCallback callback) {
        return data(value -> callback.onComplete(each(value, HelpCenterArticleSearchResult::of)), callback::onError);
    }

    private static <T> List<T> each(Object array, Function<JSONObject, T> of) {
        List<T> items = new ArrayList<>();
        for (Object item : Json.list(array)) {
            items.add(of.apply((JSONObject) item));
        }
        return items;
    }

    private static Native.Reply data(Consumer<Object> success, IntConsumer error) {
        return reply(success, (code, text) -> error.accept(code));
    }

    private static Native.Reply reply(Consumer<Object> success, BiConsumer<Integer, String> failure) {
        return new Native.Reply() {
            @Override public void success(Object value) {
                success.accept(value);
            }

            @Override public void failure(int code, String message) {
                failure.accept(code, message);
            }
        };
    }
}
