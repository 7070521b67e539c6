package android.app;

import android.content.Context;
import android.content.Intent;

public class TaskStackBuilder {
    public static TaskStackBuilder create(Context context) {
        return new TaskStackBuilder();
    }

    public TaskStackBuilder addNextIntent(Intent intent) {
        return this;
    }
}
