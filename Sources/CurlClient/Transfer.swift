import CCurl
import Glibc
import Synchronization

/// One request on its way.
///
/// Safety: everything but `answer` and `cancelled` is used on the client's thread only, once the transfer was added.
final class Transfer: @unchecked Sendable {
    typealias Outcome = Result<CurlResponse, CurlError>

    /// What was sent and is not confirmed for so long ends its connection.
    private static let silenceMilliseconds: UInt32 = 20_000

    private enum Answer {
        case none
        case waiting(UnsafeContinuation<Outcome, Never>)
        case given
    }

    private let request: CurlRequest
    private let answer = Mutex<Answer>(.none)
    private let cancelled = Atomic<Bool>(false)

    /// libcurl reads the body from here while it sends.
    private let body: UnsafeMutableBufferPointer<UInt8>
    private var list: UnsafeMutablePointer<curl_slist>?
    private var headers: [CurlRequest.Header] = []
    private var bytes: [UInt8] = []
    private var isTooLong = false

    init(_ request: CurlRequest) {
        self.request = request
        body = .allocate(capacity: max(1, request.body.count))
        _ = body.initialize(from: request.body)
    }

    deinit { body.deallocate() }

    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    func cancel() { cancelled.store(true, ordering: .releasing) }

    func wait(with continuation: UnsafeContinuation<Outcome, Never>) {
        answer.withLock { $0 = .waiting(continuation) }
    }

    func finish(_ outcome: Outcome) {
        let continuation = answer.withLock { answer -> UnsafeContinuation<Outcome, Never>? in
            defer { answer = .given }
            if case .waiting(let continuation) = answer { return continuation }
            return nil
        }
        continuation?.resume(returning: outcome)
    }

    // MARK: On the client's thread

    /// A handle for this request; `release` ends it.
    ///
    /// - Parameter trust: which of the connections that are there may be used.
    func prepare(_ trust: ConnectionTrust) -> UnsafeMutableRawPointer? {
        guard let easy = curl_easy_init() else { return nil }
        ccurl_easy_setopt_string(easy, CURLOPT_URL, request.url)
        ccurl_easy_setopt_string(easy, CURLOPT_PROTOCOLS_STR, "http,https")
        ccurl_easy_setopt_string(easy, CURLOPT_PROXY, "")
        ccurl_easy_setopt_string(easy, CURLOPT_USERAGENT, "conductor")
        ccurl_easy_setopt_long(easy, CURLOPT_NOSIGNAL, 1)
        ccurl_easy_setopt_long(easy, CURLOPT_FOLLOWLOCATION, 0)
        ccurl_easy_setopt_long(easy, CURLOPT_SSL_VERIFYPEER, 1)
        ccurl_easy_setopt_long(easy, CURLOPT_SSL_VERIFYHOST, 2)
        ccurl_easy_setopt_long(easy, CURLOPT_TIMEOUT_MS, Int(clamping: request.timeoutMilliseconds))
        ccurl_easy_setopt_long(easy, CURLOPT_CONNECTTIMEOUT_MS, Int(clamping: request.connectTimeoutMilliseconds))
        // HTTP/2 where a server offers it over TLS: all requests to it share one connection, and those that begin together
        // wait for the first to find out. Over HTTP/1.1 each has its own.
        ccurl_easy_setopt_long(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
        ccurl_easy_setopt_long(easy, CURLOPT_PIPEWAIT, request.isFresh ? 0 : 1)
        if let caFile = request.caFile { ccurl_easy_setopt_string(easy, CURLOPT_CAINFO, caFile) }
        if request.isFresh || trust.wantsNew { ccurl_easy_setopt_long(easy, CURLOPT_FRESH_CONNECT, 1) }
        if let age = trust.oldestSeconds { ccurl_easy_setopt_long(easy, CURLOPT_MAXLIFETIME_CONN, age) }
        // A connection that went dead without a word would else be used again and again for minutes.
        ccurl_easy_setopt_long(easy, CURLOPT_TCP_KEEPALIVE, 1)
        ccurl_easy_setopt_socket_callback(easy) { _, descriptor, _ in
            var limit = Transfer.silenceMilliseconds
            setsockopt(
                descriptor, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &limit, socklen_t(MemoryLayout<UInt32>.size))
            return CURL_SOCKOPT_OK
        }
        let hasBody = !request.body.isEmpty || ["POST", "PUT", "PATCH"].contains(request.method)
        if hasBody {
            ccurl_easy_setopt_off_t(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count))
            ccurl_easy_setopt_pointer(easy, CURLOPT_POSTFIELDS, UnsafeMutableRawPointer(body.baseAddress))
        } else if request.method == "HEAD" {
            ccurl_easy_setopt_long(easy, CURLOPT_NOBODY, 1)
        }
        ccurl_easy_setopt_string(easy, CURLOPT_CUSTOMREQUEST, request.method)
        // A header without a value is written with a semicolon, one that libcurl shall not add of itself without.
        list = curl_slist_append(nil, "Expect:")
        let hasType = request.headers.contains { $0.name.lowercased() == "content-type" }
        if hasBody, !hasType { list = curl_slist_append(list, "Content-Type:") }
        for header in request.headers {
            list = curl_slist_append(list, header.value.isEmpty ? header.name + ";" : "\(header.name): \(header.value)")
        }
        ccurl_easy_setopt_list(easy, CURLOPT_HTTPHEADER, list)
        let context = Unmanaged.passUnretained(self).toOpaque()
        ccurl_easy_setopt_write_callback(easy, CURLOPT_HEADERFUNCTION) { line, _, length, context in
            Transfer.at(context)?.take(header: UnsafeRawBufferPointer(start: line, count: length))
            return length
        }
        ccurl_easy_setopt_pointer(easy, CURLOPT_HEADERDATA, context)
        ccurl_easy_setopt_write_callback(easy, CURLOPT_WRITEFUNCTION) { bytes, _, length, context in
            let isTaken = Transfer.at(context)?.take(UnsafeRawBufferPointer(start: bytes, count: length)) ?? false
            // Any other number ends the transfer.
            return isTaken ? length : length &- 1
        }
        ccurl_easy_setopt_pointer(easy, CURLOPT_WRITEDATA, context)
        return easy
    }

    func release(_ easy: UnsafeMutableRawPointer) {
        curl_easy_cleanup(easy)
        curl_slist_free_all(list)
        list = nil
    }

    func result(_ code: CURLcode, _ easy: UnsafeMutableRawPointer) -> Outcome {
        if isTooLong {
            return .failure(CurlError(.tooLong, "the server's answer has more than \(request.responseLimit) bytes"))
        }
        switch code {
        case CURLE_OK:
            var status = 0
            ccurl_easy_getinfo_long(easy, CURLINFO_RESPONSE_CODE, &status)
            return .success(CurlResponse(status: Int32(clamping: status), headers: headers, body: bytes))
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL:
            return .failure(CurlError(.invalid, "the URL is none that can be asked"))
        case CURLE_OPERATION_TIMEDOUT:
            return .failure(CurlError(.timedOut, "the server did not answer in time", mayHaveArrived: hasBegun(easy)))
        case CURLE_COULDNT_RESOLVE_HOST:
            return .failure(CurlError(.unresolved, "the name of the server is not known"))
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR:
            return .failure(
                CurlError(.untrusted, "the server's certificate is not to be trusted: \(distrust(code, easy))"))
        default:
            return .failure(
                CurlError(.unreachable, String(cString: curl_easy_strerror(code)), mayHaveArrived: hasBegun(easy)))
        }
    }

    /// What is wrong with the server's certificate.
    private func distrust(_ code: CURLcode, _ easy: UnsafeMutableRawPointer) -> String {
        guard code == CURLE_PEER_FAILED_VERIFICATION else { return String(cString: curl_easy_strerror(code)) }
        var reason = 0
        ccurl_easy_getinfo_long(easy, CURLINFO_SSL_VERIFYRESULT, &reason)
        // OpenSSL's X509_V_ERR_…; what it finds nothing wrong with (libcurl leaves 0 or 1 then) does not have the host's name.
        switch reason {
        case 0, 1, 62, 64: return "it is for another host"
        case 9: return "it is not valid yet"
        case 10: return "it has expired"
        case 2, 18, 19, 20, 21: return "it is signed by nobody that this machine trusts"
        default: return "reason \(reason) of OpenSSL"
        }
    }

    /// Whether anything of the request was sent.
    private func hasBegun(_ easy: UnsafeMutableRawPointer) -> Bool {
        var bytes = 0
        ccurl_easy_getinfo_long(easy, CURLINFO_REQUEST_SIZE, &bytes)
        return bytes > 0
    }

    private static func at(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    private func take(header line: UnsafeRawBufferPointer) {
        let text = String(decoding: line, as: UTF8.self)
        // A new answer: the one before was informational (RFC 9110 §15.2).
        if text.hasPrefix("HTTP/") { return headers = [] }
        guard let colon = text.firstIndex(of: ":") else { return }
        let value = text[text.index(after: colon)...]
        headers.append(CurlRequest.Header(String(text[..<colon]), Self.trimmed(value)))
    }

    private static func trimmed(_ text: Substring) -> String {
        let blank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" || $0 == "\n" || $0 == "\r\n" }
        var text = text.drop(while: blank)
        while let last = text.last, blank(last) { text.removeLast() }
        return String(text)
    }

    private func take(_ part: UnsafeRawBufferPointer) -> Bool {
        guard Int64(bytes.count + part.count) <= request.responseLimit else {
            isTooLong = true
            return false
        }
        bytes.append(contentsOf: part)
        return true
    }
}
