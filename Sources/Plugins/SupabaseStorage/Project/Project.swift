internal import CurlClient
internal import PluginKit

/// A Supabase project as it is reached: PostgREST behind the project's own gateway.
final class Project: Sendable {
    /// One request, relative to `/rest/v1/`.
    struct Request: Sendable {
        var method = "GET"
        /// Table or `rpc/NAME`.
        var path: String
        /// What comes after `?`, escaped.
        var query: [String] = []
        /// The header `Prefer`.
        var prefer: String?
        /// JSON; nil sends none.
        var body: [UInt8]?
        /// See `CurlRequest.isFresh`.
        var isFresh = false
    }

    static let userAgent = "conductor-supabase/\(SupabaseMessages.info.version)"
    private static let responseLimit: Int64 = 64 << 20
    /// A caller is not made to wait longer for a repetition.
    private static let longestPatience: Int64 = 500
    /// Who gave the project less time than this knows nothing of it.
    private static let leastTime: Int64 = 2_000

    let location: String
    private let settings: SupabaseSettings
    private let credentials: Credentials
    private let curl = CurlClient()
    private let gate: Gate
    private let caFile: String?
    /// Told when the project answers again after it had been away.
    private let onReturn: @Sendable () -> Void

    init(
        settings: SupabaseSettings, credentials: Credentials, caFile: String?,
        onReturn: @escaping @Sendable () -> Void = {}
    ) {
        self.settings = settings
        self.credentials = credentials
        self.caFile = caFile
        self.onReturn = onReturn
        gate = Gate(longest: settings.longestPauseMilliseconds, trial: settings.timeoutMilliseconds)
        location = "Supabase " + settings.url
    }

    func stop() { curl.stop() }

    // MARK: Asking

    /// Calls one of the project's functions with what `members` writes as its request. What it does may be repeated, and
    /// is, once, where that is likely to help.
    ///
    /// - Parameter once: its answer says what it has just done, and a repetition would say that it did nothing: it is not
    ///   repeated here.
    func call(
        _ name: String, _ context: CallContext, once: Bool = false, _ members: (inout JSONWriter) -> Void = { _ in }
    ) async throws -> JSONValue {
        var json = JSONWriter()
        json.object { $0.object("request", members) }
        let request = Request(method: "POST", path: "rpc/" + name, body: json.bytes, isFresh: once)
        let pause: Int64
        do {
            return try await ask(request, context)
        } catch {
            guard error.isPassing, !(once && error.isUncertain) else { throw error }
            // The door opens again then, to one.
            let opening = error.isOutage ? error.error.retryAfterMilliseconds : nil
            guard opening ?? 0 <= Self.longestPatience else { throw error }
            pause = opening.map { $0 + 1 } ?? Int64.random(in: 50...200)
        }
        try await Task.sleep(for: .milliseconds(pause))
        return try await ask(request, context)
    }

    /// The rows that a request gives back.
    func rows(_ request: Request, _ context: CallContext) async throws(Refusal) -> [JSONValue] {
        guard let rows = try await ask(request, context).elements else { throw .garbled(200) }
        return rows
    }

    /// The JSON that answers a request; null for an answer without a body.
    func ask(_ request: Request, _ context: CallContext) async throws(Refusal) -> JSONValue {
        let answer = try await perform(request, context)
        if answer.body.isEmpty, answer.status == 204 || request.prefer?.contains("return=minimal") == true {
            return .null
        }
        do {
            return try JSONValue(parsing: answer.body)
        } catch {
            throw .garbled(answer.status)
        }
    }

    /// The answer, whose status is a success.
    func perform(_ request: Request, _ context: CallContext) async throws(Refusal) -> CurlResponse {
        let limit = try timeLimit(context)
        let began = try gate.pass()
        let answer = try await send(wire(request, limit), began)
        guard (200..<300).contains(answer.status) else { throw report(Refusal(answer: answer), began) }
        // A page in HTML with status 200 comes from a proxy, or from a network that wants a log-in.
        if let type = answer.header("Content-Type"), type.lowercased().contains("html") {
            throw report(.garbled(answer.status), began)
        }
        if gate.succeeded() { onReturn() }
        return answer
    }

    private func send(_ request: CurlRequest, _ began: Int64) async throws(Refusal) -> CurlResponse {
        do {
            return try await curl.perform(request)
        } catch {
            var refusal = Refusal(error)
            if error.code == .timedOut, request.timeoutMilliseconds < min(Self.leastTime, settings.timeoutMilliseconds)
            {
                refusal.isOutage = false
            }
            throw report(refusal, began)
        }
    }

    // MARK: The wire

    /// Milliseconds for one request.
    private func timeLimit(_ context: CallContext) throws(Refusal) -> Int64 {
        let usual = settings.timeoutMilliseconds
        guard context.deadlineNanoseconds > 0 else { return usual }
        let left = context.deadlineNanoseconds / 1_000_000 - Gate.now
        guard left > 0 else { throw Refusal(PluginError(.deadline, "there was no time left to ask the project")) }
        return min(usual, left)
    }

    private func wire(_ request: Request, _ limit: Int64) -> CurlRequest {
        var url = settings.url + "/rest/v1/" + request.path
        if !request.query.isEmpty { url += "?" + request.query.joined(separator: "&") }
        var headers = credentials.headers
        headers.append(.init("User-Agent", Self.userAgent))
        headers.append(.init("Accept", "application/json"))
        if request.body != nil { headers.append(.init("Content-Type", "application/json")) }
        if let prefer = request.prefer { headers.append(.init("Prefer", prefer)) }
        return CurlRequest(
            method: request.method, url: url, headers: headers, body: request.body ?? [], timeoutMilliseconds: limit,
            responseLimit: Self.responseLimit, connectTimeoutMilliseconds: settings.connectTimeoutMilliseconds,
            caFile: caFile, isFresh: request.isFresh)
    }

    private func report(_ refusal: Refusal, _ began: Int64) -> Refusal {
        var refusal = refusal
        if refusal.isOutage {
            if !refusal.isAsked, let guess = refusal.error.retryAfterMilliseconds {
                refusal.error.retryAfterMilliseconds = min(guess, settings.longestPauseMilliseconds)
            }
            refusal.error = gate.failed(refusal.error, began: began)
        } else if refusal.status != nil {
            // Whatever it says, it is there.
            if gate.succeeded() { onReturn() }
        }
        return refusal
    }
}
