package android.app;

import android.content.Context;
import android.content.Intent;
import conformance.Loop;

public class Activity extends Context {
    private Intent intent = new Intent();

    public Application getApplication() {
        return Application.get();
    }

    @Override public Context getApplicationContext() {
        return getApplication();
    }

    public void runOnUiThread(Runnable task) {
        Loop.post(task);
    }

    public Intent getIntent() {
        return intent;
    }

    public void setIntent(Intent intent) {
        this.intent = intent;
    }
}
