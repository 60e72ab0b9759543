internal import CurlClient
internal import PluginKit

/// Why a request did not do what it should: what callers decide by, and the sentence for people.
struct Refusal: Error, Sendable, Hashable {
    /// PostgREST's code or the database's SQLSTATE; nil when neither was reached.
    var code: String?
    /// HTTP status; nil without an answer.
    var status: Int32?
    /// The server may have done what was asked, or may still do it.
    var isUncertain = false
    /// Nothing works at the moment: what else is asked would fail, too.
    var isOutage = false
    /// When to try again is the server's own word, and not a guess.
    var isAsked = false
    /// May go through when it is repeated at once.
    var isPassing = false
    /// What the host gets.
    var error: PluginError

    /// There is no such function, table or column, as far as PostgREST knows: right after a change of the schema it may
    /// not know yet.
    var isMissing: Bool { ["PGRST202", "PGRST204", "PGRST205", "42883", "42P01", "42703"].contains(code) }

    init(
        _ error: PluginError, code: String? = nil, status: Int32? = nil, isUncertain: Bool = false,
        isOutage: Bool = false, isPassing: Bool = false
    ) {
        self.error = error
        self.code = code
        self.status = status
        self.isUncertain = isUncertain
        self.isOutage = isOutage
        self.isPassing = isPassing
    }
}

extension Refusal {
    /// Without an answer.
    init(_ error: CurlError) {
        let sentence: (PluginError.Code, String, Int64?) =
            switch error.code {
            case .invalid: (.invalid, "the project's url is none that can be asked: correct `url` in the drop-in", nil)
            case .unresolved:
                (
                    .unavailable,
                    "the name of the project's server is not known: see whether the network is up and `url` is right "
                        + "(a project that was paused for long may take a while to get its name back)", 5_000
                )
            case .untrusted:
                (
                    .unavailable,
                    "\(error.description) (see whether the clock is right, whether `url` is, and whether `ca_file` must be "
                        + "set)", 10_000
                )
            case .unreachable: (.unavailable, "the project cannot be reached (\(error.description))", nil)
            case .timedOut: (.unavailable, "the project did not answer in time", nil)
            case .tooLong: (.internal, "the project's answer is too long: \(error.description)", nil)
            case .cancelled: (.cancelled, "the request was given up", nil)
            }
        self.init(
            PluginError(sentence.0, sentence.1, retryAfterMilliseconds: sentence.2),
            isUncertain: error.mayHaveArrived || error.code == .tooLong || error.code == .cancelled,
            isOutage: sentence.0 == .unavailable, isPassing: error.code == .unreachable && error.mayHaveArrived)
    }

    /// An answer that is none of PostgREST's though its status says that all is well: cut, or a page of somebody between.
    static func garbled(_ status: Int32) -> Refusal {
        Refusal(
            PluginError(
                .unavailable,
                "what answered is not the project, or its answer was cut off: see whether `url` is right, and whether "
                    + "something stands between", retryAfterMilliseconds: 1_000),
            status: status, isUncertain: true, isOutage: true)
    }
}
