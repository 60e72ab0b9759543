/// All that a modem said to one command.
struct ATReply: Sendable, Hashable {
    var result: ATResult
    /// The lines before the result, without those that were unsolicited.
    var lines: [[UInt8]] = []
    /// What +CMGL or +CMGR listed, bodies included.
    var entries: [StoredEntry] = []
    /// `<mr>` of +CMGS.
    var reference: UInt8?
    /// Another line followed `+CMGS: <mr>` with no empty line between them, so that the line break that ended it may be
    /// the other one's: the rest of the number may be missing. A final result that follows shows that it is not.
    var isReferenceCut = false
    /// A listing was in text mode: nothing of it can be trusted.
    var wasTextMode = false

    init(_ result: ATResult) {
        self.result = result
    }

    var isOK: Bool { result.isOK }

    /// The lines as text.
    var texts: [String] { lines.map { String(decoding: $0, as: UTF8.self) } }
}
