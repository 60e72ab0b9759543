import Glibc
public import PluginKit

/// Feeds a responder texts and prints what it decides: a plugin tried by hand, without a gateway.
///
///     // Sources/try/main.swift
///     try await ResponderHarness.run(Hours.self, settings: #"{"answer": "From 9 to 6."}"#)
///
/// `swift run try "Are you open?"` asks about its arguments; without any, about each line of standard input.
public enum ResponderHarness {
    /// Makes, starts, asks and stops a responder. What it decides goes to `output`, what it logs to standard error.
    ///
    /// - Parameters:
    ///   - settings: a JSON object: the `settings:` of the drop-in.
    ///   - from: the number that the texts come from.
    ///   - texts: the texts; the program's arguments, else the lines of standard input, where left out.
    ///   - output: gets each line without its end; standard output where left out.
    /// - Throws: what the plugin's `init` or `start` throws. What `respond` throws is printed.
    public static func run<R: Responder>(
        _ type: R.Type, settings: String = "{}", from: String = "+15005550100", texts: [String]? = nil,
        output: (@Sendable (String) -> Void)? = nil
    ) async throws {
        let output = output ?? { write($0, to: STDOUT_FILENO) }
        let host = Host(
            instanceName: type.info.id, baseFolder: folder,
            log: { level, line in write("[\(level)] \(line)", to: STDERR_FILENO) })
        let plugin = try type.init(host: host, settings: Settings(json: settings))
        try await plugin.start()
        var number = 0
        func ask(_ content: String) async {
            number += 1
            output("> \(content)")
            let text = Samples.text(content, number, phone: from)
            output(await decide(plugin, text))
        }
        let given = texts ?? (CommandLine.arguments.count > 1 ? Array(CommandLine.arguments.dropFirst()) : nil)
        if let given {
            for content in given { await ask(content) }
        } else {
            while let line = readLine() { await ask(line) }
        }
        await plugin.stop()
    }

    private static func decide(_ plugin: any Responder, _ text: InboundText) async -> String {
        let start = ContinuousClock.now
        do {
            let decision = try await plugin.respond(to: text, context: Patience.context(.seconds(10)))
            return describe(decision) + took(start)
        } catch {
            return "failed: \(error)" + took(start)
        }
    }

    /// `reply: We open at 9.   (rule "hours")`
    static func describe(_ decision: Decision) -> String {
        let what: String
        switch decision.kind {
        case .decline: what = "declines"
        case .reply: what = "reply: \(decision.text)"
        case .append: what = "append: \(decision.text)"
        case .draft: what = "draft: \(decision.text)"
        case .handOver: what = "hands over to a person"
        }
        return decision.reason.isEmpty ? what : "\(what)   (\(decision.reason))"
    }

    private static func took(_ start: ContinuousClock.Instant) -> String {
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        return milliseconds < 100 ? "" : "   [\(milliseconds) ms]"
    }

    private static var folder: String {
        guard let path = getcwd(nil, 0) else { return "." }
        defer { free(path) }
        return String(cString: path)
    }

    /// One line to a descriptor, whole.
    private static func write(_ line: String, to descriptor: Int32) {
        var bytes = Array((line + "\n").utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}
