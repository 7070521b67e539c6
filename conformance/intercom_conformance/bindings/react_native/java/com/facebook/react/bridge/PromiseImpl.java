package com.facebook.react.bridge;

import java.util.Objects;

/** A promise over the two functions of JavaScript. What comes after the first outcome does not count. */
public class PromiseImpl implements Promise {
    private Callback resolve;
    private Callback reject;

    public PromiseImpl(Callback resolve, Callback reject) {
        this.resolve = resolve;
        this.reject = reject;
    }

    @Override
    public void resolve(Object value) {
        settle(resolve, value);
    }

    @Override
    public void reject(String code, String message) {
        reject(code, message, null);
    }

    @Override
    public void reject(String code, Throwable throwable) {
        reject(code, null, throwable);
    }

    @Override
    public void reject(Throwable throwable) {
        reject(null, null, throwable);
    }

    @Override
    public void reject(String code, String message, Throwable throwable) {
        WritableMap error = Arguments.createMap();
        error.putString("code", code == null ? "EUNSPECIFIED" : code);
        error.putString("message", message == null ? told(throwable) : message);
        settle(reject, error);
    }

    private static String told(Throwable throwable) {
        if (throwable == null) return "Error not specified.";
        String message = Objects.toString(throwable.getMessage(), "");
        return message.isEmpty() ? throwable.getClass().getCanonicalName() : message;
    }

    private void settle(Callback callback, Object value) {
        if (callback == null) return;
        callback.invoke(value);
        resolve = null;
        reject = null;
    }
}
