package androidx.webkit;

/** What the web views of today can do, as far as Capacitor asks. */
public class WebViewFeature {
    public static final String WEB_MESSAGE_LISTENER = "WEB_MESSAGE_LISTENER";

    public static boolean isFeatureSupported(String feature) {
        return WEB_MESSAGE_LISTENER.equals(feature);
    }
}
