package android.content;

import android.content.pm.ApplicationInfo;
import android.content.pm.PackageManager;
import android.content.res.AssetManager;
import android.content.res.Resources;

public class Context {
    public Context getApplicationContext() {
        return this;
    }

    public Resources getResources() {
        return new Resources();
    }

    public AssetManager getAssets() {
        return new AssetManager();
    }

    public ApplicationInfo getApplicationInfo() {
        return new ApplicationInfo();
    }

    public PackageManager getPackageManager() {
        return new PackageManager();
    }

    public String getPackageName() {
        return "conformance.app";
    }
}
