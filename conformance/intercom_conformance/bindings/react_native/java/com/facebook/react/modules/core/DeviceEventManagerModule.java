package com.facebook.react.modules.core;

import com.facebook.react.bridge.JavaScriptModule;

/** Carries events to JavaScript. */
public class DeviceEventManagerModule {
    public interface RCTDeviceEventEmitter extends JavaScriptModule {
        void emit(String eventName, Object data);
    }
}
