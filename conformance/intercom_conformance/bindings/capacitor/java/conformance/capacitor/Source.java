package conformance.capacitor;

import com.getcapacitor.Plugin;
import conformance.Json;
import io.intercom.android.sdk.Intercom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.json.JSONObject;

/** What a plugin's folder says of it. */
final class Source {
    private static final Pattern CLASS = Pattern.compile(
            "\\bpackage\\s+([\\w.]+)\\s*;.*@CapacitorPlugin\\b.*?\\bclass\\s+(\\w+)", Pattern.DOTALL);

    private static final Pattern SDK = Pattern.compile("intercomSdkVersion = .*'(\\d+)\\.(\\d+)");

    private final Path folder;
    private final JSONObject manifest;

    Source(String folder) throws IOException {
        this.folder = Path.of(folder);
        this.manifest = (JSONObject) Json.parsed(Files.readString(this.folder.resolve("package.json")));
    }

    String name() {
        return manifest.optString("name");
    }

    String version() {
        return manifest.optString("version");
    }

    /** The class that the app registers as the plugin. */
    Class<? extends Plugin> plugin() throws IOException, ClassNotFoundException {
        for (Path file : files()) {
            Matcher found = CLASS.matcher(Files.readString(file));
            if (found.find()) {
                return Class.forName(found.group(1) + "." + found.group(2)).asSubclass(Plugin.class);
            }
        }
        throw new ClassNotFoundException("No class in " + folder + " is a @CapacitorPlugin.");
    }

    /** The native methods that tell no outcome, in the version of the SDK that the plugin asks for. */
    List<String> silent() throws IOException {
        Matcher found = SDK.matcher(Files.readString(folder.resolve("android").resolve("build.gradle")));
        return Intercom.silent(found.find()
                ? new int[] {Integer.parseInt(found.group(1)), Integer.parseInt(found.group(2))} : null);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("android"))) {
            return files.filter(file -> file.toString().endsWith(".java")).sorted().collect(Collectors.toList());
        }
    }
}
