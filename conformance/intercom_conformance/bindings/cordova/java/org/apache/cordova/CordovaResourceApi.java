package org.apache.cordova;

import java.io.InputStream;

/** Reads files for pages and plugins. No page runs here and Intercom's plugin reads none; the names are all that is needed. */
public class CordovaResourceApi {
    public static final String PLUGIN_URI_SCHEME = "cdvplugin";
    static Thread jsThread;

    public static class OpenForReadResult {
        public InputStream inputStream;
    }
}
