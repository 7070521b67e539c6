package org.apache.cordova;

/** Of the app's Cordova plugins; it has none. */
public class PluginManager {
    public void exec(String service, String action, String callbackId, String arguments) {}
}
