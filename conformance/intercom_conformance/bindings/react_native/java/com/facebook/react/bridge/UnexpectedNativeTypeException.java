package com.facebook.react.bridge;

/** The value is of another type than the one that was asked for. */
public class UnexpectedNativeTypeException extends RuntimeException {
    public UnexpectedNativeTypeException(String message) {
        super(message);
    }
}
