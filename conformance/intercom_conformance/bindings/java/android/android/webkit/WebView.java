package android.webkit;

/** A web view without a page. */
public class WebView {
    public void addJavascriptInterface(Object object, String name) {}

    public void evaluateJavascript(String script, ValueCallback<String> callback) {}

    public boolean post(Runnable task) {
        conformance.Loop.post(task);
        return true;
    }
}
