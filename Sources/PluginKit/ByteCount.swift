/// An amount of bytes in a drop-in: a number, or one with a unit, as `500MB`.
///
/// kB, MB, GB and TB are powers of 1000, KiB, MiB, GiB and TiB of 1024.
public struct ByteCount: Sendable, Hashable, Decodable {
    public var bytes: Int64

    public init(bytes: Int64) { self.bytes = bytes }

    private static let units: [String: Int64] = [
        "": 1, "B": 1, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000, "TB": 1_000_000_000_000, "KIB": 1 << 10,
        "MIB": 1 << 20, "GIB": 1 << 30, "TIB": 1 << 40,
    ]

    /// `500MB`, `0.5 GB`, `500000000`; nil for anything else, and for what is not above zero.
    public init?(_ text: String) {
        let number = text.prefix { $0.isASCII && $0.isNumber || $0 == "." }
        let unit = text.dropFirst(number.count).drop { $0 == " " }.uppercased()
        guard let amount = Double(number), amount > 0, let factor = Self.units[unit],
            let bytes = Int64(exactly: (amount * Double(factor)).rounded()), bytes > 0
        else { return nil }
        self.bytes = bytes
    }

    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        let text = try (try? value.decode(Int64.self)).map(String.init) ?? value.decode(String.self)
        guard let count = ByteCount(text) else {
            throw PluginError(
                .invalid,
                "\(SettingsDecoder.path(of: decoder.codingPath)): must be an amount of bytes, as 500MB or 2GB")
        }
        self = count
    }
}
