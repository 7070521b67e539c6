package com.getcapacitor;

import android.content.res.AssetManager;
import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;

/** The app's files; it has none. */
public class FileUtils {
    public static String readFileFromAssets(AssetManager assets, String name) throws IOException {
        throw new FileNotFoundException(name);
    }

    public static String readFileFromDisk(File file) throws IOException {
        throw new FileNotFoundException(file.getPath());
    }
}
