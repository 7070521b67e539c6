package com.getcapacitor;

import android.content.Context;
import android.content.Intent;
import android.webkit.WebView;
import androidx.activity.result.ActivityResultCallback;
import androidx.activity.result.ActivityResultLauncher;
import androidx.activity.result.contract.ActivityResultContract;
import androidx.appcompat.app.AppCompatActivity;
import conformance.Loop;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.cordova.PluginManager;
import org.json.JSONObject;

/**
 * The app around the plugins, without what a screen is needed for. Its own code, but what a plugin can tell is as in
 * Capacitor: its methods run on another thread than the page's, and what they throw ends the app.
 */
public class Bridge {
    public static final String CAPACITOR_HTTPS_SCHEME = "https";
    public static final int DEFAULT_ANDROID_WEBVIEW_VERSION = 60;
    public static final int MINIMUM_ANDROID_WEBVIEW_VERSION = 55;
    public static final int DEFAULT_HUAWEI_WEBVIEW_VERSION = 10;
    public static final int MINIMUM_HUAWEI_WEBVIEW_VERSION = 10;

    private final AppCompatActivity activity = new AppCompatActivity();
    private final CapConfig config = new CapConfig.Builder(activity).setPluginsConfiguration(new JSONObject()).create();
    private final Map<String, PluginHandle> plugins = new HashMap<>();
    private final Map<String, PluginCall> saved = new HashMap<>();

    public Bridge() {
        new MessageHandler(this, new WebView(), new PluginManager());
    }

    public void registerPlugin(Class<? extends Plugin> type) throws InvalidPluginException, PluginLoadException {
        PluginHandle handle = new PluginHandle(this, type);
        plugins.put(handle.getId(), handle);
    }

    public Collection<PluginHandle> getPlugins() {
        return plugins.values();
    }

    /** The activity comes up. */
    public void onStart() {
        plugins.values().forEach(handle -> handle.getInstance().handleOnStart());
    }

    /** The activity has the user's attention. */
    public void onResume() {
        plugins.values().forEach(handle -> handle.getInstance().handleOnResume());
    }

    public void callPluginMethod(String pluginId, String method, PluginCall call) {
        PluginHandle plugin = plugins.get(pluginId);
        if (plugin == null) {
            call.errorCallback("unable to find plugin : " + pluginId);
        } else {
            Loop.post(() -> invoke(plugin, method, call));
        }
    }

    /** Of a plugin that has no such method, nobody hears, as in Capacitor. */
    private void invoke(PluginHandle plugin, String method, PluginCall call) {
        try {
            plugin.invoke(method, call);
            if (call.isKeptAlive()) {
                saveCall(call);
            }
        } catch (PluginLoadException | InvalidPluginMethodException missing) {
            Logger.error("Unable to execute plugin method", missing);
        } catch (Exception error) {
            throw new RuntimeException(error);
        }
    }

    public void execute(Runnable task) {
        Loop.post(task);
    }

    public CapConfig getConfig() {
        return config;
    }

    public Context getContext() {
        return activity;
    }

    public AppCompatActivity getActivity() {
        return activity;
    }

    public Set<String> getAllowedOriginRules() {
        return Set.of();
    }

    public App getApp() {
        return new App();
    }

    public void saveCall(PluginCall call) {
        saved.put(call.getCallbackId(), call);
    }

    public PluginCall getSavedCall(String callbackId) {
        return saved.get(callbackId);
    }

    public void releaseCall(PluginCall call) {
        saved.remove(call.getCallbackId());
    }

    public void savePermissionCall(PluginCall call) {
        saveCall(call);
    }

    public PluginCall getPermissionCall(String pluginId) {
        return null;
    }

    public boolean validatePermissions(Plugin plugin, PluginCall call, Map<String, Boolean> permissions) {
        return true;
    }

    public Map<String, PermissionState> getPermissionStates(Plugin plugin) {
        return Map.of();
    }

    public PluginCall getPluginCallForLastActivity() {
        return null;
    }

    public void setPluginCallForLastActivity(PluginCall call) {}

    public void startActivityForPluginWithResult(PluginCall call, Intent intent, int code) {}

    public <I, O> ActivityResultLauncher<I> registerForActivityResult(
            ActivityResultContract<I, O> contract, ActivityResultCallback<O> callback) {
        return new ActivityResultLauncher<>();
    }
}
