import FoundationEssentials
import PluginKit

/// What a program says, of one request. Keys that are not known are ignored.
struct ScriptAnswer: Sendable, Equatable, Decodable {
    var reply: String?
    var append: String?
    var draft: String?
    var handOver: Bool?
    var reason: String?
    var costMicros: Int64?
    var error: String?
    var errorClass: String?
    var retryAfterMilliseconds: Int64?
    /// Of `hello`: `responder`, `notifier`.
    var serves: [String]?

    private enum CodingKeys: String, CodingKey {
        case reply, append, draft, reason, error, serves
        case handOver = "hand_over"
        case costMicros = "cost_micros"
        case errorClass = "class"
        case retryAfterMilliseconds = "retry_after_ms"
    }

    /// An answer in plain text: an empty one declines.
    init(plain line: [UInt8]) {
        let text = String(decoding: line, as: UTF8.self)
        reply = text.contains { !$0.isWhitespace } ? text : nil
    }

    /// A line in JSON and the id it answers.
    ///
    /// - Throws: `ScriptGarbage` when it is no answer at all; the answer is a failure when it is one that cannot be used.
    static func read(json line: [UInt8]) throws(ScriptGarbage) -> (id: UInt64, Result<ScriptAnswer, PluginError>) {
        let data = Data(line)
        let decoder = JSONDecoder()
        guard let id = (try? decoder.decode(Identified.self, from: data))?.id else { throw ScriptGarbage() }
        do {
            return (id, .success(try decoder.decode(ScriptAnswer.self, from: data)))
        } catch DecodingError.typeMismatch(_, let context) {
            let key = context.codingPath.first?.stringValue ?? ""
            return (id, .failure(.unusable("\"\(key)\" is of another kind than it should be")))
        } catch {
            return (id, .failure(.unusable("it is no JSON object as described")))
        }
    }

    private struct Identified: Decodable {
        var id: UInt64
    }

    /// Nothing, or why it failed.
    func success() throws(PluginError) {
        guard let error else { return }
        throw PluginError(
            Self.classes[errorClass ?? "unavailable"] ?? .internal, error.isEmpty ? "no reason given" : error,
            retryAfterMilliseconds: retryAfterMilliseconds.map { max(0, $0) })
    }

    /// What it decided of a text.
    func decision() throws(PluginError) -> Decision {
        try success()
        var kinds: [(Decision.Kind, String)] = []
        for (kind, text) in [(Decision.Kind.reply, reply), (.append, append), (.draft, draft)] {
            if let text, text.contains(where: { !$0.isWhitespace }) { kinds.append((kind, text)) }
        }
        if handOver == true { kinds.append((.handOver, "")) }
        guard kinds.count < 2 else { throw .unusable("it decides two things at once") }
        let (kind, text) = kinds.first ?? (.decline, "")
        return Decision(kind: kind, text: text, reason: reason ?? "", costMicros: max(0, costMicros ?? 0))
    }

    private static let classes: [String: PluginError.Code] = [
        "invalid": .invalid, "unsupported": .unsupported, "unavailable": .unavailable, "deadline": .deadline,
        "conflict": .conflict, "internal": .internal,
    ]
}

/// A line that is no answer. Its bytes are not told: they may be a person's.
struct ScriptGarbage: Error {}

extension PluginError {
    static func unusable(_ why: String) -> PluginError {
        PluginError(.internal, "the program's answer cannot be used: \(why)")
    }
}
