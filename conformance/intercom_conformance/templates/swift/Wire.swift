// UNTESTED: this file has never been compiled or run. Written by intercom-conformance {{version}}.

import Foundation

/// An app's callback, or a bridge's: run with nil if there is no value; JSON's null is NSNull.
typealias Callback = (Any?) -> Void

/// What a driver says of its binding.
protocol Binding: AnyObject {
    /// How it introduces itself: the keys of initialize-result in the protocol's schema.
    func describe() -> [String: Any]

    /// Makes it new, as in a newly installed app, with this bridge.
    func reset(_ bridge: Bridge)

    /// Calls a method as an app does. A callback that the app does not give is nil.
    func call(_ method: String, _ arguments: Arguments, _ success: Callback?, _ error: Callback?) throws -> Any?

    /// Whether its own threads and timers have nothing left to do; asked until they have not.
    func idle() -> Bool
}

/// Where the native SDK would be.
protocol Bridge: AnyObject {
    /// Asks the native SDK, from any thread; one of the callbacks tells its answer later, an error as code and message.
    func ask(_ method: String, _ arguments: [Any], _ success: Callback?, _ error: Callback?)
}

/// What an app gives a method; NSNull where it left an argument out.
struct Arguments {
    let given: [Any]

    subscript(index: Int) -> Any {
        return index < given.count ? given[index] : NSNull()
    }
}

/// The driver has no method of this name for an app to call.
struct NoSuchMethod: Error {
    let name: String
}

/// Serves the binding until the kit says shutdown or closes the input. To be called on the main thread.
func serve(_ binding: Binding) -> Never {
    let wire = Wire(binding)
    while true {
        wire.respond(wire.read())
    }
}

private struct Refused: Error {
    let code: Int
    let message: String
}

private final class Wire {
    let binding: Binding
    private lazy var app = App(self)
    private var requests = 0
    private let out: FileHandle

    /// Standard output belongs to the messages; what others print goes to standard error.
    init(_ binding: Binding) {
        self.binding = binding
        out = FileHandle(fileDescriptor: dup(1))
        dup2(2, 1)
    }

    func serves(_ other: App) -> Bool {
        return app === other
    }

    func read() -> [String: Any] {
        guard let line = readLine() else { exit(0) }
        let read = try? JSONSerialization.jsonObject(with: Data(line.utf8))
        return read as? [String: Any] ?? [:]
    }

    private func send(_ content: [String: Any]) {
        let message = content.merging(["jsonrpc": "2.0"]) { own, _ in own }
        guard let written = try? JSONSerialization.data(withJSONObject: message) else { exit(1) }
        out.write(written + Data([10]))
    }

    /// The kit answers a native request before it says anything else.
    func ask(_ method: String, _ arguments: [Any]) -> [String: Any] {
        requests += 1
        let params: [String: Any] = ["method": method, "arguments": arguments.map(shown)]
        send(["id": "n\(requests)", "method": "native", "params": params])
        return read()
    }

    func respond(_ request: [String: Any]) {
        let id = request["id"] ?? NSNull()
        let method = request["method"] as? String ?? "what is no JSON"
        do {
            let answer = try result(method, request["params"] as? [String: Any] ?? [:])
            send(["id": id, "result": answer])
        } catch {
            let refused = error as? Refused ?? Refused(code: -32000, message: "\(error)")
            let told: [String: Any] = ["code": refused.code, "message": refused.message]
            send(["id": id, "error": told])
        }
        if method == "shutdown" { exit(0) }
    }

    private func result(_ method: String, _ params: [String: Any]) throws -> [String: Any] {
        switch method {
        case "initialize": return try initialize(params["protocol"] as? String)
        case "reset": return reset()
        case "call": return app.call(params)
        case "answer": return try app.answer(params)
        case "shutdown": return [:]
        default: throw Refused(code: -32601, message: "This driver does not serve \(method).")
        }
    }

    private func initialize(_ version: String?) throws -> [String: Any] {
        guard version == "1.0" else {
            throw Refused(code: -32000, message: "This driver speaks protocol 1.0, not \(version ?? "none").")
        }
        return binding.describe().merging(["protocol": "1.0", "kind": "wrapper"]) { own, _ in own }
    }

    private func reset() -> [String: Any] {
        app = App(self)
        binding.reset(app)
        _ = app.react()
        return [:]
    }
}

/// A copy that JSON can carry; what it cannot becomes visible.
private func shown(_ value: Any) -> Any {
    if JSONSerialization.isValidJSONObject([value]) { return value }
    return ["unserialisable": "\(value)"]
}

/// A newly installed app; what an earlier one still does reaches nobody.
private final class App: Bridge {
    private let wire: Wire
    private let lock = NSLock()
    private var due: [() -> Void] = []
    private var settled: [[String: Any]] = []
    private var held: [String: (Callback?, Callback?)] = [:]

    init(_ wire: Wire) {
        self.wire = wire
    }

    func call(_ params: [String: Any]) -> [String: Any] {
        let name = params["call"] as? String ?? ""
        let given = params["callbacks"] as? [String] ?? []
        let success = given.contains("success") ? callback(name, "success") : nil
        let error = given.contains("error") ? callback(name, "error") : nil
        let arguments = Arguments(given: params["arguments"] as? [Any] ?? [])
        do {
            let returned = try wire.binding.call(params["method"] as? String ?? "", arguments, success, error)
            var reaction = react()
            if let returned = returned { reaction["returned"] = shown(returned) }
            return reaction
        } catch {
            var reaction = react()
            reaction["thrown"] = ["type": "\(type(of: error))", "message": "\(error)"]
            return reaction
        }
    }

    private func callback(_ call: String, _ kind: String) -> Callback {
        return { value in
            var run: [String: Any] = ["call": call, "callback": kind]
            if let value = value { run["value"] = shown(value) }
            self.lock.lock()
            self.settled.append(run)
            self.lock.unlock()
        }
    }

    func answer(_ params: [String: Any]) throws -> [String: Any] {
        let ticket = params["ticket"] as? String ?? ""
        guard let (success, error) = held.removeValue(forKey: ticket) else {
            throw Refused(code: -32000, message: "No native request is held under ticket \(ticket).")
        }
        finish(success, error, params, params["error"])
        return react()
    }

    func ask(_ method: String, _ arguments: [Any], _ success: Callback?, _ error: Callback?) {
        let asking = { self.asked(method, arguments, success, error) }
        if Thread.isMainThread { asking() } else { post(asking) }
    }

    private func asked(_ method: String, _ arguments: [Any], _ success: Callback?, _ error: Callback?) {
        guard wire.serves(self) else { return }
        let reply = wire.ask(method, arguments)
        let result = reply["result"] as? [String: Any] ?? [:]
        let failure = reply["error"] as? [String: Any]
        if let ticket = result["held"] as? String {
            held[ticket] = (success, error)
        } else {
            finish(success, error, result, failure?["data"])
        }
    }

    private func finish(_ success: Callback?, _ error: Callback?, _ result: [String: Any], _ failure: Any?) {
        post {
            if let failure = failure { error?(failure) } else { success?(result["value"]) }
        }
    }

    private func post(_ work: @escaping () -> Void) {
        lock.lock()
        due.append(work)
        lock.unlock()
    }

    private func next() -> (() -> Void)? {
        lock.lock()
        defer { lock.unlock() }
        return due.isEmpty ? nil : due.removeFirst()
    }

    /// Everything that an app sees until nothing is left to do but wait for the kit.
    func react() -> [String: Any] {
        var calm = 0
        while calm < 2 {
            let idle = wire.binding.idle()
            let until = Date(timeIntervalSinceNow: idle ? 0 : 0.001)
            _ = RunLoop.main.run(mode: .default, before: until)
            let work = next()
            work?()
            calm = idle && work == nil ? calm + 1 : 0
        }
        lock.lock()
        defer { lock.unlock() }
        let ran = settled
        settled = []
        return ["settled": ran]
    }
}
