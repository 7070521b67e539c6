package conformance.cordova;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.apache.cordova.PluginEntry;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** What a Cordova plugin's folder says of it. */
final class Plugin {
    private static final Pattern ACTION = Pattern.compile("exec\\s*\\([^'\"]*['\"]Intercom['\"]\\s*,\\s*['\"](\\w+)['\"]");
    private static final Pattern SDK = Pattern.compile("intercom-sdk(?:-base)?:(\\d+)\\.(\\d+)");

    private final File folder;
    private final Element xml;

    Plugin(String folder) throws Exception {
        this.folder = new File(folder);
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        Document document = factory.newDocumentBuilder().parse(new File(folder, "plugin.xml"));
        this.xml = document.getDocumentElement();
    }

    String id() {
        return xml.getAttribute("id");
    }

    String version() {
        return xml.getAttribute("version");
    }

    /** The services that config.xml would name on Android. */
    List<PluginEntry> services() {
        List<PluginEntry> services = new ArrayList<>();
        for (Element feature : elements(xml, "feature")) {
            String type = param(feature, "android-package");
            if (type != null) {
                services.add(new PluginEntry(feature.getAttribute("name"), type, "true".equals(param(feature, "onload"))));
            }
        }
        return services;
    }

    /** The actions that the plugin's JavaScript asks for. */
    Set<String> actions() throws IOException {
        Set<String> actions = new LinkedHashSet<>();
        for (Element module : elements(xml, "js-module")) {
            Matcher found = ACTION.matcher(text(new File(folder, module.getAttribute("src"))));
            while (found.find()) {
                actions.add(found.group(1));
            }
        }
        return actions;
    }

    /** Major and minor version of the SDK that the plugin's Gradle file asks for; null if it names none. */
    int[] sdk() throws IOException {
        try (Stream<java.nio.file.Path> files = Files.walk(folder.toPath())) {
            List<File> gradle = files.map(java.nio.file.Path::toFile)
                    .filter(file -> file.getName().endsWith(".gradle")).sorted().collect(Collectors.toList());
            for (File file : gradle) {
                Matcher found = SDK.matcher(text(file));
                if (found.find()) {
                    return new int[] {Integer.parseInt(found.group(1)), Integer.parseInt(found.group(2))};
                }
            }
        }
        return null;
    }

    private static String text(File file) throws IOException {
        return Files.readString(file.toPath(), StandardCharsets.UTF_8);
    }

    private static String param(Element feature, String name) {
        for (Element param : elements(feature, "param")) {
            if (name.equals(param.getAttribute("name"))) {
                return param.getAttribute("value");
            }
        }
        return null;
    }

    private static List<Element> elements(Element holder, String tag) {
        List<Element> elements = new ArrayList<>();
        NodeList found = holder.getElementsByTagName(tag);
        for (int i = 0; i < found.getLength(); i++) {
            elements.add((Element) found.item(i));
        }
        return elements;
    }
}
