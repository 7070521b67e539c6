package com.facebook.react.bridge;

/** A module of the JavaScript side, as Java sees it. */
public interface JavaScriptModule {}
