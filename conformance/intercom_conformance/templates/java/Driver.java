import java.util.List;
import java.util.Map;

/**
 * Puts one binding at the disposal of intercom-conformance; written by its version {{version}}. README.md explains it.
 * What is marked REPLACE is a sample.
 */
public final class Driver implements Wire.Binding {
  private SampleSdk sdk;

  public static void main(String[] arguments) {
    Wire.serve(new Driver());
  }

  /** REPLACE: what your binding is. */
  @Override
  public Map<String, Object> describe() {
    return Map.of(
        "name", "my-sdk",
        "version", "0.0.0",
        "language", "java",
        "platform", "android",
        "style", "callbacks",
        "capabilities", List.of("session", "log-event", "event-metadata", "is-user-logged-in", "callbacks"));
  }

  /** REPLACE: a newly installed app, with the bridge where the native SDK would be. */
  @Override
  public void reset(Wire.Bridge bridge) {
    sdk = new SampleSdk(bridge);
  }

  /** REPLACE: how an app calls it, by the guide's names. What a method returns is returned here. */
  @Override
  public Object call(String method, Wire.Arguments arguments, Wire.Callback success, Wire.Callback error) {
    switch (method) {
      case "loginUnidentifiedUser" -> sdk.loginUnidentifiedUser(success, error);
      case "loginUserWithUserAttributes" -> sdk.loginUser(arguments.at(0), success, error);
      case "logout" -> sdk.logout(success, error);
      case "logEvent" -> sdk.logEvent(arguments.at(0), arguments.at(1), success, error);
      case "isUserLoggedIn" -> sdk.isUserLoggedIn(success, error);
      default -> throw new UnsupportedOperationException("There is no method " + method + ".");
    }
    return null;
  }

  /** REPLACE by your binding. The sample passes each call on to its bridge. */
  private static final class SampleSdk {
    private final Wire.Bridge bridge;

    SampleSdk(Wire.Bridge bridge) {
      this.bridge = bridge;
    }

    void loginUnidentifiedUser(Wire.Callback success, Wire.Callback error) {
      bridge.ask("loginUnidentifiedUser", success, error);
    }

    void loginUser(Object attributes, Wire.Callback success, Wire.Callback error) {
      bridge.ask("loginUserWithUserAttributes", success, error, attributes);
    }

    void logout(Wire.Callback success, Wire.Callback error) {
      bridge.ask("logout", success, error);
    }

    void logEvent(Object name, Object metadata, Wire.Callback success, Wire.Callback error) {
      bridge.ask("logEvent", success, error, name, metadata);
    }

    void isUserLoggedIn(Wire.Callback success, Wire.Callback error) {
      bridge.ask("isUserLoggedIn", success, error);
    }
  }
}
