/// The notice that an MMS waits at its centre: M-Notification.ind in a WAP push (OMA-TS-MMS_ENC §6.2, WAP-230-WSP §8.2.4).
/// The MMS itself comes by mobile data, not here.
public struct MMSNotice: Sendable, Hashable {
    /// Who sent it, as a number or an e-mail address; nil where that is withheld.
    public var sender: String?
    public var subject: String?
    /// Octets of the whole MMS; nil where it is not said.
    public var size: Int?

    /// The port of WAP pushes (TS 23.040 §9.2.3.24.4).
    public static let port: UInt16 = 2948

    /// Reads the octets of all parts together; nil for a push of another kind.
    public init?(push octets: [UInt8]) {
        var reader = Octets(octets[...])
        // A transaction, and Push.
        guard reader.next() != nil, reader.next() == 0x06, let length = reader.variable(),
            let headers = reader.take(length), Self.isMMS(headers)
        else { return nil }
        var isNotice = false
        while let field = reader.next() {
            switch field {
            // X-Mms-Message-Type: m-notification-ind.
            case 0x8C: isNotice = reader.next() == 0x82
            case 0x89: sender = Self.address(reader.value())
            case 0x96: subject = reader.encodedString().flatMap { $0.isEmpty ? nil : $0 }
            case 0x8E: size = reader.value().map { $0.prefix(6).reduce(0) { $0 << 8 | Int($1) } }
            default: guard field >= 0x80, reader.skip() else { return nil }
            }
        }
        guard isNotice else { return nil }
    }

    /// The content type stands first in the headers: as a well-known number, alone or with parameters, or as words.
    private static func isMMS(_ headers: ArraySlice<UInt8>) -> Bool {
        let wellKnown: UInt8 = 0x3E | 0x80
        if headers.first == wellKnown { return true }
        if let first = headers.first, first < 32 { return headers.dropFirst().prefix(3).contains(wellKnown) }
        return headers.starts(with: "application/vnd.wap.mms-message".utf8)
    }

    /// An address token, then `+16195550100/TYPE=PLMN` or an e-mail address.
    private static func address(_ value: ArraySlice<UInt8>?) -> String? {
        guard let value, value.first == 0x80 else { return nil }
        var reader = Octets(value.dropFirst())
        guard let text = reader.encodedString(), !text.isEmpty else { return nil }
        return text.split(separator: "/").first.map(String.init)
    }

    /// Reads octets from left to right.
    private struct Octets {
        private var rest: ArraySlice<UInt8>

        init(_ octets: ArraySlice<UInt8>) { rest = octets }

        mutating func next() -> UInt8? { rest.popFirst() }

        mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
            guard count >= 0, count <= rest.count else { return nil }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count)
        }

        /// A number of seven bits an octet, the high bit saying that more follow.
        mutating func variable() -> Int? {
            var number = 0
            for _ in 0..<5 {
                guard let octet = next() else { return nil }
                number = number << 7 | Int(octet & 0x7F)
                if octet & 0x80 == 0 { return number }
            }
            return nil
        }

        /// A value that begins with its length.
        mutating func value() -> ArraySlice<UInt8>? {
            guard let first = next(), first < 32 else { return nil }
            guard let length = first == 31 ? variable() : Int(first) else { return nil }
            return take(length)
        }

        /// Text up to a zero, alone or behind a length and a character set.
        mutating func encodedString() -> String? {
            guard let first = rest.first else { return nil }
            guard first < 32 else { return text() }
            guard var inner = value().map({ Octets($0) }) else { return nil }
            // The character set: a number in one octet, or in one or two behind their count. UTF-8 and ASCII are what is
            // met.
            if let set = inner.next(), set == 1 || set == 2 { _ = inner.take(Int(set)) }
            return inner.text()
        }

        mutating func text() -> String? {
            let octets = rest.prefix { $0 != 0 }
            rest = rest.dropFirst(octets.count + 1)
            // A quote stands before text whose first octet is above 127.
            return String(decoding: octets.first == 0x7F ? octets.dropFirst() : octets, as: UTF8.self)
        }

        /// Passes over a value of any kind; false when it is cut.
        mutating func skip() -> Bool {
            guard let first = rest.first else { return false }
            switch first {
            case 0x80...: return next() != nil
            case 0..<32: return value() != nil
            default: return text() != nil
            }
        }
    }
}

extension GatheredText {
    /// Whether it is a WAP push, as the notice of an MMS is, and no text of a person.
    public var isPush: Bool {
        parts.contains { $0.userData.ports.map { $0.isWide && $0.destination == MMSNotice.port } ?? false }
    }

    /// The notice of an MMS that it is; nil for everything else, and while parts are missing.
    public var mmsNotice: MMSNotice? {
        guard isPush, isWhole else { return nil }
        let ordered = parts.sorted { $0.sequence < $1.sequence }
        return MMSNotice(push: ordered.flatMap(\.userData.content))
    }
}
