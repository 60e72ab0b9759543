/// An error as RFC 9457 problem details: the body of every answer with a status of 400 or more.
public struct Problem: Error, Sendable, Hashable, Codable {
    /// `about:blank`: the status says what kind of problem it is.
    public var type: String
    /// The status in words.
    public var title: String
    /// The HTTP status, 400...599.
    public var status: Int
    /// What, where and how to mend it; no number and no text of a person.
    public var detail: String
    /// A stable word: `invalid`, `not_found`, `refused`, `unavailable`, `internal`.
    public var code: String

    public init(status: Int, title: String, code: String, detail: String) {
        type = "about:blank"
        self.status = status
        self.title = title
        self.code = code
        self.detail = detail
    }
}
