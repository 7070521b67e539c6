package com.facebook.react.bridge;

/** The map does not have the key. */
public class NoSuchKeyException extends RuntimeException {
    public NoSuchKeyException(String key) {
        super(key);
    }
}
