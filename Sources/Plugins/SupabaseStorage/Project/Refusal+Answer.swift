internal import CurlClient
internal import PluginKit

extension Refusal {
    /// An answer whose status is no success.
    ///
    /// Only the code of its body is looked at: `details` and `message` may hold a whole row of the table.
    init(answer: CurlResponse) {
        let code = Self.code(of: answer)
        let retry = RetryAfter.milliseconds(answer.header("Retry-After"))
        var refusal = code.flatMap { Self.known(code: $0, status: answer.status) } ?? Self.known(status: answer.status)
        if let code { refusal.error.message += " (\(code))" }
        if let retry, refusal.error.code == .unavailable {
            refusal.error.retryAfterMilliseconds = retry
            refusal.isAsked = true
        }
        refusal.code = code
        refusal.status = answer.status
        self = refusal
    }

    /// From the body, else from the header that PostgREST puts on every error: `PostgREST; error=PGRST301`.
    private static func code(of answer: CurlResponse) -> String? {
        var code = (try? JSONValue(parsing: answer.body))?["code"].text
        if code == nil, let header = answer.header("Proxy-Status"), let mark = header.range(of: "error=") {
            code = String(header[mark.upperBound...].prefix { $0 != ";" && $0 != " " })
        }
        // What is no code is not repeated: anybody may have answered.
        guard let code, (5...9).contains(code.utf8.count),
            code.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) })
        else { return nil }
        return code
    }

    private static func unavailable(
        _ sentence: String, retry: Int64? = nil, isUncertain: Bool = false, isOutage: Bool = true,
        isPassing: Bool = false
    ) -> Refusal {
        Refusal(
            PluginError(.unavailable, sentence, retryAfterMilliseconds: retry), isUncertain: isUncertain,
            isOutage: isOutage, isPassing: isPassing)
    }

    /// Repeating does not help before somebody has done something: who looks all the time looks seldom then.
    private static func invalid(_ sentence: String) -> Refusal {
        Refusal(PluginError(.invalid, sentence, retryAfterMilliseconds: 10_000))
    }

    private static func known(code: String, status: Int32) -> Refusal? {
        switch code {
        case "PGRST301":
            return invalid(
                "the project does not accept the token: it is not signed with the project's secret; write a new one into "
                    + "the file that `gateway_token_file` or `key_file` names")
        case "PGRST302":
            return invalid("the project wants a token, and lets nobody in without one: set `gateway_token_file`")
        case "PGRST303":
            return invalid(
                "the token has expired, or this machine's clock is wrong: write a new one into the file that "
                    + "`gateway_token_file` or `key_file` names")
        case "22023" where status == 401:
            return invalid(
                "the token names a role that the project does not have: make it with the role of the migration")
        case "42501" where status == 401:
            return invalid(
                "the key is the public one, which may not do this: use the service key, or a token of this gateway "
                    + "in `gateway_token_file`")
        case "42501":
            return invalid(
                "the project does not allow this key to do that: grants or row level security are in the way, or the "
                    + "token is another gateway's; run `conductor storage migrate`, and see docs/supabase.md")
        case "PGRST202", "42883", "PGRST204", "42703", "PGRST205", "42P01":
            return unavailable(
                "the project lacks something that the gateway needs: run `conductor storage migrate`; right after that, "
                    + "it may take some seconds", retry: 2_000, isOutage: false, isPassing: true)
        case "PGRST000", "PGRST001", "PGRST002":
            return unavailable("the project's database is down or starts", retry: 2_000)
        case "57P01", "57P02", "57P03":
            return unavailable("the project's database is down or starts", retry: 2_000, isUncertain: true)
        case "PGRST003":
            return unavailable("the project's database is busy: all its connections are in use", retry: 2_000)
        case "57014":
            return unavailable(
                "the project's database gave up: the statement took too long", retry: 1_000, isOutage: false)
        case "40001", "40P01", "55P03":
            return unavailable(
                "the project's database was asked for the same rows by somebody else", retry: 100, isOutage: false,
                isPassing: true)
        case "25006":
            return unavailable(
                "the project's database is read-only: its disk is full or its quota used up; make room, or take a larger "
                    + "plan", retry: 30_000)
        case "22023":
            return invalid("the project's functions do not take the request: run `conductor storage migrate`")
        default: break
        }
        switch code.prefix(2) {
        case "53": return unavailable("the project's database has no room left", retry: 10_000)
        case "08": return unavailable("the project cannot reach its database", retry: 2_000, isUncertain: true)
        case "22", "23":
            return Refusal(
                PluginError(.conflict, "a row was refused by a rule of the project's table: see which in its own log"))
        default: return nil
        }
    }

    private static func known(status: Int32) -> Refusal {
        switch status {
        case 300..<400: return invalid("the project's url leads elsewhere: correct `url` in the drop-in")
        case 401, 403:
            return invalid(
                "the project does not know the key: write its service key (or sb_secret_…) into the file that `key_file` "
                    + "names")
        case 402:
            return unavailable(
                "the project is restricted: its quota is used up or a bill is open; see its page at Supabase",
                retry: 60_000)
        case 404: return invalid("there is no project at this url: correct `url` in the drop-in")
        case 413: return invalid("the project finds the request too large: set a smaller `batch`")
        case 429: return unavailable("the project is asked too often", retry: 5_000)
        case 540:
            return unavailable(
                "the project is paused: open it at https://supabase.com/dashboard and press Restore; until then "
                    + "everything is kept here, and nothing is lost", retry: 60_000)
        case 544: return unavailable("the project did not answer its own gateway in time", isUncertain: true)
        case 408, 500...599:
            return unavailable("the project is away (status \(status))", isUncertain: true)
        default: return invalid("the project refused the request (status \(status))")
        }
    }
}

extension String {
    /// The first place of `word`.
    fileprivate func range(of word: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(word) { return start..<index(start, offsetBy: word.count) }
            start = index(after: start)
        }
        return nil
    }
}
