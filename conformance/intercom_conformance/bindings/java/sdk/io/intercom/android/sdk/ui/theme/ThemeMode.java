package io.intercom.android.sdk.ui.theme;

public enum ThemeMode { LIGHT, DARK, SYSTEM }
