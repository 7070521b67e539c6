package com.facebook.react.bridge;

/** The arguments from JavaScript do not fit the method. */
public class NativeArgumentsParseException extends RuntimeException {
    public NativeArgumentsParseException(String message, Throwable cause) {
        super(message, cause);
    }
}
