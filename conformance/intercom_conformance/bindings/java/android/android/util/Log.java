package android.util;

/** The device's log: stderr. */
public final class Log {
    public static final int VERBOSE = 2;
    public static final int DEBUG = 3;
    public static final int INFO = 4;
    public static final int WARN = 5;
    public static final int ERROR = 6;

    public static int v(String tag, String message) {
        return 0;
    }

    public static int v(String tag, String message, Throwable error) {
        return 0;
    }

    public static int d(String tag, String message) {
        return 0;
    }

    public static int d(String tag, String message, Throwable error) {
        return 0;
    }

    public static int i(String tag, String message) {
        return line(tag, message, null);
    }

    public static int i(String tag, String message, Throwable error) {
        return line(tag, message, error);
    }

    public static int w(String tag, Throwable error) {
        return line(tag, "", error);
    }

    public static int w(String tag, String message) {
        return line(tag, message, null);
    }

    public static int w(String tag, String message, Throwable error) {
        return line(tag, message, error);
    }

    public static int e(String tag, String message) {
        return line(tag, message, null);
    }

    public static int e(String tag, String message, Throwable error) {
        return line(tag, message, error);
    }

    private static int line(String tag, String message, Throwable error) {
        System.err.println(tag + ": " + message + (error == null ? "" : " " + error));
        return 0;
    }
}
