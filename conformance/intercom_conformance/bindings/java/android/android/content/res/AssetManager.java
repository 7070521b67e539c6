package android.content.res;

import java.io.FileNotFoundException;
import java.io.IOException;

/** The app has no assets. */
public class AssetManager {
    public String[] list(String path) throws IOException {
        throw new FileNotFoundException(path);
    }
}
