package com.facebook.react.bridge;

/** Goes over the keys of a map. */
public interface ReadableMapKeySetIterator {
    boolean hasNextKey();

    String nextKey();
}
