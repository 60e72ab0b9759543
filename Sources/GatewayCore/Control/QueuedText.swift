public import PluginKit

/// What `GatewayControl.send` did: the text, and what its sender should know. In JSON the text's own keys, and beside
/// them `warnings`, and `is_repetition` where it is one.
public struct QueuedText: Sendable, Hashable, Codable {
    public var message: Message
    /// The idempotency key was known: this is the earlier text, and nothing was queued.
    public var isRepetition: Bool
    /// What carriers may filter it for.
    public var warnings: [ContentWarning]

    public init(_ message: Message, isRepetition: Bool = false, warnings: [ContentWarning] = []) {
        self.message = message
        self.isRepetition = isRepetition
        self.warnings = warnings
    }

    private enum CodingKeys: String, CodingKey {
        case isRepetition, warnings
    }

    public init(from decoder: any Decoder) throws {
        message = try Message(from: decoder)
        let own = try decoder.container(keyedBy: CodingKeys.self)
        isRepetition = try own.decodeIfPresent(Bool.self, forKey: .isRepetition) ?? false
        warnings = try own.decodeIfPresent([ContentWarning].self, forKey: .warnings) ?? []
    }

    public func encode(to encoder: any Encoder) throws {
        try message.encode(to: encoder)
        var own = encoder.container(keyedBy: CodingKeys.self)
        if isRepetition { try own.encode(true, forKey: .isRepetition) }
        if !warnings.isEmpty { try own.encode(warnings, forKey: .warnings) }
    }
}
