/// Which of the connections that are there a request may use. Over HTTP/1.1 a request that is not answered in time ends its
/// connection with it; one of HTTP/2 stays for its other requests, and where the server is deaf, for all later ones. Pure:
/// it is told the time.
struct ConnectionTrust: Sendable, Equatable {
    /// Seconds.
    var now = 0
    /// When a request was last not answered in time.
    private var timedOutAt: Int?
    /// Nothing was answered since then.
    private(set) var wantsNew = false

    /// Connections that are older are closed as soon as no request is on them; nil for no limit. libcurl counts whole
    /// seconds: what was not a second older than that is found out by one more request.
    var oldestSeconds: Int? { timedOutAt.map { max(1, now - $0) } }

    mutating func learn(_ outcome: Transfer.Outcome, at now: Int) {
        switch outcome {
        case .success: wantsNew = false
        case .failure(let error) where error.code == .timedOut: (timedOutAt, wantsNew) = (now, true)
        case .failure: break
        }
    }
}
