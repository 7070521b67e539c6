package android.app;

import android.content.Context;

public class Application extends Context {
    private static final Application APPLICATION = new Application();

    /** The one application of the process. */
    public static Application get() {
        return APPLICATION;
    }
}
