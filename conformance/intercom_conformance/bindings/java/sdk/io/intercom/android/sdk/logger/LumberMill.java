package io.intercom.android.sdk.logger;

/** The SDK's log: stderr. */
public class LumberMill {
    private static final LumberMill LOGGER = new LumberMill();

    public static LumberMill getLogger() {
        return LOGGER;
    }

    public void d(String message, Object... arguments) {
        System.err.println(message);
    }

    public void d(Throwable error, String message, Object... arguments) {
        System.err.println(message + error);
    }

    public void w(String message, Object... arguments) {
        System.err.println(message);
    }
}
