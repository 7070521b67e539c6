package com.getcapacitor.util;

import android.content.Context;

/** The app's permissions; it has none. */
public class PermissionHelper {
    public static boolean hasDefinedPermission(Context context, String permission) {
        return false;
    }

    public static String[] getUndefinedPermissions(Context context, String[] permissions) {
        return permissions;
    }
}
