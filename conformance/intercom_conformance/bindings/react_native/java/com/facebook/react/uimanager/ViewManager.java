package com.facebook.react.uimanager;

/** Makes views of one kind; the package has none. */
public abstract class ViewManager {}
