import FoundationEssentials
import PluginKit

/// Compares the keys of a body with those that its request knows.
enum BodyKeys {
    /// A sentence about the first key that nobody knows; nil when there is none. What is wrong otherwise is told by
    /// whoever reads the values.
    static func flaw<Body: RequestBody>(of bytes: some Sequence<UInt8>, as type: Body.Type) -> String? {
        guard let body = try? JSONDecoder().decode(Shape.self, from: Data(bytes)) else {
            return Body.keys.isEmpty ? "this request takes no body, or {}" : nil
        }
        if let flaw = flaw(of: body, known: Body.keys, place: "the body") { return flaw }
        for (list, keys) in Body.listedKeys {
            for item in body.items(of: list) {
                if let flaw = flaw(of: item, known: keys, place: "an object in \"\(list)\"") { return flaw }
            }
        }
        return nil
    }

    private static func flaw(of shape: Shape, known: [String], place: String) -> String? {
        guard let key = shape.keys.sorted().first(where: { !known.contains($0) }) else { return nil }
        guard !known.isEmpty else { return "this request takes no body, or {}" }
        // Bounded: a body may hold anything.
        let name = String(key.prefix(40))
        return "\(place) has the unknown key \"\(name)\"\(NearestName.hint(for: name, among: known))"
    }

    /// An object's keys, whatever is behind them.
    private struct Shape: Decodable {
        let keys: [String]
        private let object: KeyedDecodingContainer<Name>

        init(from decoder: any Decoder) throws {
            object = try decoder.container(keyedBy: Name.self)
            keys = object.allKeys.map(\.stringValue)
        }

        func items(of list: String) -> [Shape] {
            (try? object.decode([Shape].self, forKey: Name(list))) ?? []
        }
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
