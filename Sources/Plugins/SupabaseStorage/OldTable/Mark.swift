internal import PluginKit

/// What a gateway writes into `message_hash` of a row of the old table: who the text is and how it stands, since there is
/// no column for it. Other programs compare this column with hashes of their own and find nothing equal.
///
///     conductor:0190a000-…:sending:-:shop/0190a001-…
///
/// The migration turns each mark into columns, as it finds them and as they are written later.
struct Mark: Sendable, Hashable {
    /// Nobody's row: it may be claimed, as far as its status allows.
    static let nobody = "-"
    /// A text born in a gateway's journal, which alone sends it. No gateway's id has an `@`.
    static let journal = "@journal"
    /// The code of a row that a person put back into the queue: it is not held for its age again.
    static let wanted = "wanted"

    /// nil: no gateway has begun the row; then it goes by its address, since the column may be unique.
    var uid: String?
    var row: Int64?
    var state: Message.DeliveryStatus?
    var code: String?
    /// The gateway that sends it, as `ID/JOURNAL`; `journal` or `nobody`.
    var owner: String

    init(
        uid: String?, row: Int64? = nil, state: Message.DeliveryStatus? = nil, code: String? = nil,
        owner: String = nobody
    ) {
        self.uid = uid
        self.row = uid == nil ? row : nil
        self.state = state
        self.code = code
        self.owner = owner
    }

    /// nil: another program's hash, or none.
    init?(_ text: String?) {
        guard let text, text.hasPrefix("conductor:") else { return nil }
        let parts = text.split(separator: ":", maxSplits: 4, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5 else { return nil }
        func present(_ part: String) -> String? { part == "-" ? nil : part }
        let row = parts[1].hasPrefix("@") ? Int64(parts[1].dropFirst()) : nil
        self.init(
            uid: row == nil ? present(parts[1]) : nil, row: row,
            state: present(parts[2]).flatMap(Message.DeliveryStatus.init(rawValue:)),
            code: present(parts[3]), owner: parts[4])
    }

    /// As it stands in the column.
    var text: String {
        "conductor:\(uid ?? row.map { "@\($0)" } ?? "-"):\(state?.rawValue ?? "-"):\(Self.word(code)):\(owner)"
    }

    /// Being sent, or cut off in the middle of it, by the gateway whose row it is.
    var isOnItsWay: Bool { owner != Self.nobody && (state == .sending || state == .unknown) }

    /// Matches the marks of a text, whatever its state (`*` is anything).
    static func pattern(uid: String) -> String { "conductor:\(uid):*" }

    static func pattern(state: Message.DeliveryStatus, owner: String = "*") -> String {
        "conductor:*:\(state.rawValue):*:\(owner)"
    }

    /// Whether a uid can be part of a mark: those of journals can.
    static func canHold(uid: String) -> Bool {
        !uid.isEmpty && uid != "-" && uid.utf8.count <= 64
            && uid.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || byte == 0x2D
            }
    }

    private static func word(_ code: String?) -> String {
        guard let code, !code.isEmpty else { return "-" }
        return code.replacing(":", with: "_")
    }
}

extension String {
    fileprivate func replacing(_ character: Character, with other: Character) -> String {
        String(map { $0 == character ? other : $0 })
    }
}
