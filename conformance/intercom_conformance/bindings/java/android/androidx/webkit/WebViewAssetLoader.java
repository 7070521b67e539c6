package androidx.webkit;

public class WebViewAssetLoader {
    public interface PathHandler {}
}
