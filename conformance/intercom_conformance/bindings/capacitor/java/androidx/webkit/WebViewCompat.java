package androidx.webkit;

import android.net.Uri;
import android.webkit.WebView;
import java.util.Set;
import java.util.function.Consumer;

/** The way between the page and the app; the page is at the other end of what {@link #post} hands over. */
public class WebViewCompat {
    private static final Uri ORIGIN = Uri.parse("https://localhost");

    private static WebMessageListener listener;

    public interface WebMessageListener {
        void onPostMessage(
                WebView view, WebMessageCompat message, Uri origin, boolean isMainFrame, JavaScriptReplyProxy reply);
    }

    public static void addWebMessageListener(WebView view, String name, Set<String> origins, WebMessageListener added) {
        listener = added;
    }

    /** The page posts a message; what the app answers to the page, now and later, goes to {@code replies}. */
    public static void post(String message, Consumer<String> replies) {
        listener.onPostMessage(null, new WebMessageCompat(message), ORIGIN, true, new JavaScriptReplyProxy() {
            @Override public void postMessage(String reply) {
                replies.accept(reply);
            }
        });
    }
}
