package io.intercom.android.sdk;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A piece of content: its type, and the id or the ids that it is found by. */
public abstract class IntercomContent {
    private final String type;
    private final String key;
    private final Object value;

    private IntercomContent(String type, String key, Object value) {
        this.type = type;
        this.key = key;
        this.value = value;
    }

    /** The content as the guide writes it. */
    Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("type", type);
        map.put(key, value);
        return map;
    }

    public static class Article extends IntercomContent {
        public Article(String id) {
            super("ARTICLE", "id", id);
        }
    }

    public static class Carousel extends IntercomContent {
        public Carousel(String id) {
            super("CAROUSEL", "id", id);
        }
    }

    public static class Survey extends IntercomContent {
        public Survey(String id) {
            super("SURVEY", "id", id);
        }
    }

    public static class Conversation extends IntercomContent {
        public Conversation(String id) {
            super("CONVERSATION", "id", id);
        }
    }

    public static class HelpCenterCollections extends IntercomContent {
        public HelpCenterCollections(List<String> ids) {
            super("HELP_CENTER_COLLECTIONS", "ids", ids);
        }
    }
}
