package conformance.react;

/** What JavaScript throws when the host refuses a call; an app can catch it. */
final class JavaScriptError extends RuntimeException {
    /** What stands before the reason. */
    static final String PREFIX = "Exception in HostFunction: ";

    JavaScriptError(String reason) {
        super(PREFIX + reason);
    }
}
