package androidx.core.app;

import android.app.Activity;
import android.content.Context;
import android.content.pm.PackageManager;

public class ActivityCompat {
    public static int checkSelfPermission(Context context, String permission) {
        return PackageManager.PERMISSION_DENIED;
    }

    public static void requestPermissions(Activity activity, String[] permissions, int code) {}
}
