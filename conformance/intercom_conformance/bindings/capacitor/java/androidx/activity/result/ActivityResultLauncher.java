package androidx.activity.result;

/** Launches nothing: no other activity is there. */
public class ActivityResultLauncher<I> {
    public void launch(I input) {}
}
