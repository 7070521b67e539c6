package com.facebook.react;

import com.facebook.react.bridge.NativeModule;
import com.facebook.react.bridge.ReactApplicationContext;
import com.facebook.react.uimanager.ViewManager;
import java.util.List;

/** What a package adds to an app. */
public interface ReactPackage {
    List<NativeModule> createNativeModules(ReactApplicationContext context);

    @SuppressWarnings("rawtypes")
    List<ViewManager> createViewManagers(ReactApplicationContext context);
}
