package android.content;

import android.content.pm.PackageManager;
import android.content.res.Resources;

public class Context {
    public Context getApplicationContext() {
        return this;
    }

    public Resources getResources() {
        return new Resources();
    }

    public PackageManager getPackageManager() {
        return new PackageManager();
    }

    public String getPackageName() {
        return "conformance.app";
    }
}
