package io.intercom.android.sdk;

import android.app.Application;
import conformance.Native;
import io.intercom.android.sdk.helpcenter.api.CollectionContentRequestCallback;
import io.intercom.android.sdk.helpcenter.api.CollectionRequestCallback;
import io.intercom.android.sdk.helpcenter.api.SearchRequestCallback;
import io.intercom.android.sdk.identity.Registration;
import io.intercom.android.sdk.ui.theme.ThemeMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The Intercom SDK as bridges call it: every call goes to the kit, by the guide's name for it.
 *
 * What takes a callback is answered through it. What returns something waits for it. The rest tells no outcome, as on
 * a device; {@link #silent} names it. The methods that the SDK documents as older names of others do what those do.
 */
public class Intercom {
    private static final List<String> SILENT = List.of(
            "logout", "setUserHash", "logEvent", "present", "presentSpace", "presentContent", "presentMessageComposer",
            "setLauncherVisibility", "setInAppMessageVisibility", "setBottomPadding", "hideIntercom", "sendPushToken");
    /** What tells its outcome since version 12.1 of the SDK (its changelog, 12.1.0). */
    private static final List<String> SILENT_BEFORE_12_1 =
            List.of("loginUnidentifiedUser", "loginUserWithUserAttributes", "updateUser");
    public static final Visibility VISIBLE = Visibility.VISIBLE;
    public static final Visibility GONE = Visibility.GONE;

    private static final Intercom CLIENT = new Intercom();

    public enum Visibility { GONE, VISIBLE }

    public enum ContentType { CAROUSEL, SURVEY }

    public static class LogLevel {
        public static final int VERBOSE = 2;
        public static final int DEBUG = 3;
        public static final int INFO = 4;
        public static final int WARN = 5;
        public static final int ERROR = 6;
        public static final int ASSERT = 7;
        public static final int DISABLED = 8;
    }

    /** The guide's names of the methods that tell no outcome in this version of the SDK: major, minor; null: a late one. */
    public static List<String> silent(int[] version) {
        boolean late = version == null || version[0] > 12 || (version[0] == 12 && version[1] >= 1);
        List<String> silent = new ArrayList<>(SILENT);
        silent.addAll(late ? List.of() : SILENT_BEFORE_12_1);
        return silent;
    }

    public static Intercom client() {
        return CLIENT;
    }

    public static void initialize(Application application, String apiKey, String appId) {}

    public static void setLogLevel(int level) {}

    public void loginUnidentifiedUser() {
        Native.tell("loginUnidentifiedUser");
    }

    public void loginUnidentifiedUser(IntercomStatusCallback callback) {
        Native.ask("loginUnidentifiedUser", Replies.status(callback));
    }

    public void registerUnidentifiedUser() {
        loginUnidentifiedUser();
    }

    public void loginIdentifiedUser(Registration registration) {
        Native.tell("loginUserWithUserAttributes", registration.toMap());
    }

    public void loginIdentifiedUser(Registration registration, IntercomStatusCallback callback) {
        Native.ask("loginUserWithUserAttributes", Replies.status(callback), registration.toMap());
    }

    public void registerIdentifiedUser(Registration registration) {
        loginIdentifiedUser(registration);
    }

    public void updateUser(UserAttributes attributes) {
        Native.tell("updateUser", attributes.toMap());
    }

    public void updateUser(UserAttributes attributes, IntercomStatusCallback callback) {
        Native.ask("updateUser", Replies.status(callback), attributes.toMap());
    }

    public void logout() {
        Native.tell("logout");
    }

    public void reset() {
        logout();
    }

    public void setUserHash(String hash) {
        Native.tell("setUserHash", hash);
    }

    /** The guide knows no such method; nothing reaches the kit. */
    public void setUserJwt(String jwt) {}

    /** The guide knows no such method; nothing reaches the kit, and it succeeds. */
    public void setAuthTokens(List<AuthToken> tokens, IntercomStatusCallback callback) {
        conformance.Loop.post(callback::onSuccess);
    }

    public boolean isUserLoggedIn() {
        return Boolean.TRUE.equals(Native.get("isUserLoggedIn"));
    }

    public Registration fetchLoggedInUserAttributes() {
        return Registration.of(Native.get("fetchLoggedInUserAttributes"));
    }

    public int getUnreadConversationCount() {
        Object count = Native.get("unreadConversationCount");
        return count instanceof Number ? ((Number) count).intValue() : 0;
    }

    public void addUnreadConversationCountListener(UnreadConversationCountListener listener) {}

    public void removeUnreadConversationCountListener(UnreadConversationCountListener listener) {}

    public void logEvent(String name) {
        Native.tell("logEvent", name);
    }

    public void logEvent(String name, Map<String, ?> metaData) {
        Native.tell("logEvent", name, metaData);
    }

    public void present() {
        Native.tell("present");
    }

    public void present(IntercomSpace space) {
        Native.tell("presentSpace", space.guideName());
    }

    public void presentContent(IntercomContent content) {
        Native.tell("presentContent", content.toMap());
    }

    public void displayMessenger() {
        present();
    }

    public void displayConversationsList() {
        present(IntercomSpace.Messages);
    }

    public void displayHelpCenter() {
        present(IntercomSpace.HelpCenter);
    }

    public void displayHelpCenterCollections(List<String> ids) {
        presentContent(new IntercomContent.HelpCenterCollections(ids));
    }

    public void displayArticle(String id) {
        presentContent(new IntercomContent.Article(id));
    }

    public void displayCarousel(String id) {
        presentContent(new IntercomContent.Carousel(id));
    }

    public void displaySurvey(String id) {
        presentContent(new IntercomContent.Survey(id));
    }

    public void displayConversation(String id) {
        presentContent(new IntercomContent.Conversation(id));
    }

    public void displayMessageComposer() {
        Native.tell("presentMessageComposer");
    }

    public void displayMessageComposer(String message) {
        Native.tell("presentMessageComposer", message);
    }

    public void hideIntercom() {
        Native.tell("hideIntercom");
    }

    public void hideMessenger() {
        hideIntercom();
    }

    public void setLauncherVisibility(Visibility visibility) {
        Native.tell("setLauncherVisibility", visibility.name());
    }

    public void setInAppMessageVisibility(Visibility visibility) {
        Native.tell("setInAppMessageVisibility", visibility.name());
    }

    public void setBottomPadding(int padding) {
        Native.tell("setBottomPadding", padding);
    }

    public void suppressProactiveContent(List<ContentType> types) {}

    public void setThemeMode(ThemeMode mode) {}

    public void handlePushMessage() {}

    public void fetchHelpCenterCollections(CollectionRequestCallback callback) {
        Native.ask("fetchHelpCenterCollections", Replies.collections(callback));
    }

    public void fetchHelpCenterCollection(String id, CollectionContentRequestCallback callback) {
        Native.ask("fetchHelpCenterCollection", Replies.collection(callback), id);
    }

    public void searchHelpCenter(String term, SearchRequestCallback callback) {
        Native.ask("searchHelpCenter", Replies.search(callback), term);
    }
}
