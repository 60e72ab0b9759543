/// The `settings:` of a drop-in.
public struct Settings: Sendable, Hashable {
    /// A JSON object.
    public let json: String

    /// - Parameter json: a JSON object; "" counts as an empty one.
    public init(json: String = "{}") {
        self.json = json.isEmpty ? "{}" : json
    }

    /// Reads the settings into a type of the plugin's own.
    ///
    /// Strict: a key that the type does not ask for is an error with the nearest known one, a value of another kind too.
    /// Integers are taken where decimals are wanted; nothing else is converted.
    ///
    /// - Throws: `.invalid`; its message begins with the path of the key, as `settings.rules[2].pattern: …`, and holds
    ///   no value.
    public func decode<T: Decodable>(_ type: T.Type = T.self) throws(PluginError) -> T {
        let root = try parsed()
        let usage = KeyUsage()
        let value: T
        do {
            value = try SettingsDecoder(value: .object(root), path: "settings", codingPath: [], usage: usage).read(type)
        } catch {
            throw Self.explain(error)
        }
        if let stranger = usage.firstStranger { throw stranger }
        return value
    }

    /// For plugins that decode by hand, or that allow any key below: refuses keys of the top level that are not in
    /// `known`.
    ///
    /// - Throws: `.invalid` naming the first such key and the nearest known one.
    public func check(keys known: [String]) throws(PluginError) {
        for (key, _) in try parsed() where !known.contains(key) {
            throw Self.unknownKey(key, in: "settings", known: known)
        }
    }

    static func unknownKey(_ key: String, in path: String, known: some Collection<String>) -> PluginError {
        PluginError(.invalid, "\(path).\(key): unknown key" + NearestName.hint(for: key, among: known))
    }

    private func parsed() throws(PluginError) -> [(String, JSON)] {
        guard case .object(let members) = try JSON(parsing: json) else {
            throw PluginError(.invalid, "settings: must be a mapping of keys to values")
        }
        return members
    }

    private static func explain(_ error: any Error) -> PluginError {
        switch error {
        case let error as PluginError: return error
        case DecodingError.dataCorrupted(let context), DecodingError.typeMismatch(_, let context),
            DecodingError.valueNotFound(_, let context), DecodingError.keyNotFound(_, let context):
            return PluginError(.invalid, SettingsDecoder.path(of: context.codingPath) + ": " + context.debugDescription)
        default: return PluginError(.invalid, "settings: \(error)")
        }
    }
}
