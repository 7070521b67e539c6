package io.intercom.android.sdk;

public class IntercomError {
    private final int errorCode;
    private final String errorMessage;

    public IntercomError(int errorCode, String errorMessage) {
        this.errorCode = errorCode;
        this.errorMessage = errorMessage;
    }

    public int getErrorCode() {
        return errorCode;
    }

    public String getErrorMessage() {
        return errorMessage;
    }
}
