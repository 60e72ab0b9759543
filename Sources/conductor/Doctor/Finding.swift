import PluginKit

/// One thing the doctor found. Keys that are known by their look are masked.
struct Finding: Sendable, Equatable, Encodable {
    enum Verdict: String, Sendable, Encodable {
        case fine, hint, wrong
    }

    var verdict: Verdict
    /// What was found.
    var what: String
    /// One line that mends it; nil where nothing needs mending.
    var cure: String?
    /// Of the check that found it, as `ports.held`.
    var check = ""
    /// Under which it stands, as `Serial ports`.
    var group = ""

    init(_ verdict: Verdict, _ what: String, cure: String? = nil) {
        self.verdict = verdict
        self.what = SecretShapes.masked(what)
        self.cure = cure.map(SecretShapes.masked)
    }
}
