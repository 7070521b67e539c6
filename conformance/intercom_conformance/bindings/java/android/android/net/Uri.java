package android.net;

import java.net.URI;

/** An address. No plugin that runs here takes one apart. */
public class Uri {
    private final URI uri;

    private Uri(URI uri) {
        this.uri = uri;
    }

    public static Uri parse(String text) {
        return new Uri(URI.create(text));
    }

    public String getScheme() {
        return uri.getScheme();
    }

    public String getQueryParameter(String name) {
        throw new UnsupportedOperationException("Uri.getQueryParameter");
    }

    @Override public String toString() {
        return uri.toString();
    }

    public static class Builder {
        public Builder scheme(String scheme) {
            return this;
        }

        public Builder authority(String authority) {
            return this;
        }

        public Builder appendQueryParameter(String name, String value) {
            return this;
        }

        public Uri build() {
            throw new UnsupportedOperationException("Uri.Builder.build");
        }
    }
}
