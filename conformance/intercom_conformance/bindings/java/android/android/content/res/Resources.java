package android.content.res;

/** The app has no resources. */
public class Resources {
    public static class NotFoundException extends RuntimeException {}

    public String getString(int id) {
        throw new NotFoundException();
    }
}
