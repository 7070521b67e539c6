package androidx.activity.result;

import android.content.Intent;

public class ActivityResult {
    public int getResultCode() {
        return 0;
    }

    public Intent getData() {
        return null;
    }
}
