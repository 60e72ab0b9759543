import CCurl
import Glibc

/// HTTP over the gateway's Unix socket, by libcurl.
///
/// A command has nothing else to do while it waits, so requests block the calling thread; only `stream` has a thread
/// of its own.
struct HTTPSocket: Sendable {
    let path: String

    struct Reply: Sendable {
        var status: Int
        var body: [UInt8]
    }

    /// - Parameters:
    ///   - target: path and query, beginning with `/`.
    ///   - seconds: the longest wait for the whole answer.
    /// - Throws: exit status 3 when nobody answers on the socket.
    func perform(
        _ method: String, _ target: String, body: [UInt8]? = nil, seconds: Int = 150
    ) throws(CommandFailure) -> Reply {
        guard let handle = prepared(method, target) else { throw CommandFailure(.failed, "libcurl cannot be used") }
        let collector = Collector()
        ccurl_easy_setopt_long(handle, CURLOPT_TIMEOUT, seconds)
        ccurl_easy_setopt_write_callback(handle, CURLOPT_WRITEFUNCTION) { bytes, _, length, context in
            Collector.take(bytes, length, context)
        }
        ccurl_easy_setopt_pointer(handle, CURLOPT_WRITEDATA, Unmanaged.passUnretained(collector).toOpaque())
        let headers = body == nil ? nil : curl_slist_append(nil, "Content-Type: application/json")
        if let headers { ccurl_easy_setopt_list(handle, CURLOPT_HTTPHEADER, headers) }
        let code = perform(handle, body: body)
        let problem = code == CURLE_OK ? nil : failure(code, handle)
        let status = status(handle)
        curl_easy_cleanup(handle)
        curl_slist_free_all(headers)
        if let problem { throw problem }
        return Reply(status: status, body: collector.bytes)
    }

    /// The octets of an answer that does not end. Ends the transfer when the reader is cancelled.
    func stream(_ target: String) -> AsyncThrowingStream<[UInt8], any Error> {
        let (stream, sink) = AsyncThrowingStream<[UInt8], any Error>.makeStream()
        let relay = Relay(sink: sink)
        sink.onTermination = { _ in relay.end() }
        Background.thread {
            read(target, into: relay)
        }
        return stream
    }

    /// Reads until the gateway or the reader ends it. On a thread of its own.
    private func read(_ target: String, into relay: Relay) {
        let context = Unmanaged.passUnretained(relay).toOpaque()
        guard let handle = prepared("GET", target) else {
            return relay.finish(throwing: CommandFailure(.failed, "libcurl cannot be used"))
        }
        ccurl_easy_setopt_write_callback(handle, CURLOPT_WRITEFUNCTION) { bytes, _, length, context in
            Relay.take(bytes, length, context)
        }
        ccurl_easy_setopt_pointer(handle, CURLOPT_WRITEDATA, context)
        ccurl_easy_setopt_progress_callback(handle) { context, _, _, _, _ in Relay.isEnded(context) ? 1 : 0 }
        ccurl_easy_setopt_pointer(handle, CURLOPT_XFERINFODATA, context)
        ccurl_easy_setopt_long(handle, CURLOPT_NOPROGRESS, 0)
        // The gateway sends a heartbeat every 15 seconds: a minute of silence means it is gone.
        ccurl_easy_setopt_long(handle, CURLOPT_LOW_SPEED_LIMIT, 1)
        ccurl_easy_setopt_long(handle, CURLOPT_LOW_SPEED_TIME, 60)
        let code = curl_easy_perform(handle)
        if code != CURLE_OK {
            relay.finish(throwing: failure(code, handle))
        } else if status(handle) != 200 {
            relay.finish(throwing: CommandFailure(.failed, "the gateway answered \(status(handle))"))
        } else {
            relay.finish(throwing: nil)
        }
        curl_easy_cleanup(handle)
    }

    /// A handle for one request; the caller cleans it up.
    private func prepared(_ method: String, _ target: String) -> UnsafeMutableRawPointer? {
        guard let handle = curl_easy_init() else { return nil }
        ccurl_easy_setopt_string(handle, CURLOPT_UNIX_SOCKET_PATH, path)
        ccurl_easy_setopt_string(handle, CURLOPT_URL, "http://localhost\(target)")
        ccurl_easy_setopt_string(handle, CURLOPT_PROXY, "")
        ccurl_easy_setopt_string(handle, CURLOPT_CUSTOMREQUEST, method)
        ccurl_easy_setopt_long(handle, CURLOPT_NOSIGNAL, 1)
        return handle
    }

    /// The body is borrowed for the transfer.
    private func perform(_ handle: UnsafeMutableRawPointer, body: [UInt8]?) -> CURLcode {
        guard var body else { return curl_easy_perform(handle) }
        ccurl_easy_setopt_off_t(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
        return body.withUnsafeMutableBytes { bytes in
            ccurl_easy_setopt_pointer(handle, CURLOPT_POSTFIELDS, bytes.baseAddress)
            return curl_easy_perform(handle)
        }
    }

    private func status(_ handle: UnsafeMutableRawPointer) -> Int {
        var status = 0
        ccurl_easy_getinfo_long(handle, CURLINFO_RESPONSE_CODE, &status)
        return status
    }

    private func failure(_ code: CURLcode, _ handle: UnsafeMutableRawPointer) -> CommandFailure {
        if code == CURLE_COULDNT_CONNECT {
            if access(path, F_OK) == 0 && access(path, R_OK | W_OK) != 0 {
                return CommandFailure(
                    .failed,
                    "you may not open \(path): join the group that owns it (ls -l), or use sudo")
            }
            return GatewayAddress.notRunning(looked: [path])
        }
        if code == CURLE_OPERATION_TIMEDOUT {
            return CommandFailure(.failed, "the gateway did not answer in time on \(path)")
        }
        return CommandFailure(
            .failed, "the connection to the gateway failed: \(String(cString: curl_easy_strerror(code)))")
    }
}

/// Collects an answer. Used on one thread only.
private final class Collector {
    var bytes: [UInt8] = []

    static func take(_ bytes: UnsafeMutablePointer<CChar>, _ length: Int, _ context: UnsafeMutableRawPointer?) -> Int {
        guard let context else { return 0 }
        let collector = Unmanaged<Collector>.fromOpaque(context).takeUnretainedValue()
        collector.bytes.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: length))
        return length
    }
}
