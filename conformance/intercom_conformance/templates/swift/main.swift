// UNTESTED: this file has never been compiled or run. Written by intercom-conformance {{version}}.

import Foundation

/// Puts one binding at the disposal of intercom-conformance. README.md explains it; what is marked REPLACE is a sample.
final class Driver: Binding {
    private var sdk: SampleSdk?

    /// REPLACE: what your binding is.
    func describe() -> [String: Any] {
        return [
            "name": "my-sdk",
            "version": "0.0.0",
            "language": "swift",
            "platform": "ios",
            "style": "callbacks",
            "capabilities": ["session", "log-event", "event-metadata", "is-user-logged-in", "callbacks"],
        ]
    }

    /// REPLACE: a newly installed app, with the bridge where the native SDK would be.
    func reset(_ bridge: Bridge) {
        sdk = SampleSdk(bridge)
    }

    /// REPLACE: how an app calls it, by the guide's names. What a method returns is returned here.
    func call(_ method: String, _ arguments: Arguments, _ success: Callback?, _ error: Callback?) throws -> Any? {
        switch method {
        case "loginUnidentifiedUser": sdk?.loginUnidentifiedUser(success, error)
        case "loginUserWithUserAttributes": sdk?.loginUser(arguments[0], success, error)
        case "logout": sdk?.logout(success, error)
        case "logEvent": sdk?.logEvent(arguments[0], arguments[1], success, error)
        case "isUserLoggedIn": sdk?.isUserLoggedIn(success, error)
        default: throw NoSuchMethod(name: method)
        }
        return nil
    }

    /// REPLACE if your binding has threads or timers: whether they have nothing left to do.
    func idle() -> Bool {
        return true
    }
}

/// REPLACE by your binding. The sample passes each call on to its bridge.
final class SampleSdk {
    private let bridge: Bridge

    init(_ bridge: Bridge) {
        self.bridge = bridge
    }

    func loginUnidentifiedUser(_ success: Callback?, _ error: Callback?) {
        bridge.ask("loginUnidentifiedUser", [], success, error)
    }

    func loginUser(_ attributes: Any, _ success: Callback?, _ error: Callback?) {
        bridge.ask("loginUserWithUserAttributes", [attributes], success, error)
    }

    func logout(_ success: Callback?, _ error: Callback?) {
        bridge.ask("logout", [], success, error)
    }

    func logEvent(_ name: Any, _ metadata: Any, _ success: Callback?, _ error: Callback?) {
        bridge.ask("logEvent", [name, metadata], success, error)
    }

    func isUserLoggedIn(_ success: Callback?, _ error: Callback?) {
        bridge.ask("isUserLoggedIn", [], success, error)
    }
}

serve(Driver())
