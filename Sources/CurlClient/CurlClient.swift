import CCurl
import Glibc
import Synchronization

/// HTTP by libcurl: one thread drives all transfers and keeps their connections for the next ones. Certificates are
/// verified; redirects are not followed; proxies of the environment are not used.
public final class CurlClient: Sendable {
    /// Connections at once; more requests wait for one. One of HTTP/2 bears many requests.
    private static let connectionLimit = 64

    private struct State {
        var arriving: [Transfer] = []
        var hasThread = false
        var hasEnded = false
    }

    private let state = Mutex(State())
    /// Safety: made once, used by the thread alone but for `curl_multi_wakeup`, which is for any thread; freed with the
    /// client, which the thread keeps alive until it ends.
    private nonisolated(unsafe) let multi: UnsafeMutableRawPointer?

    public init() {
        // Its result would only say that libcurl was initialised before.
        _ = ccurl_global_init()
        multi = curl_multi_init()
        if let multi {
            ccurl_multi_setopt_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, Self.connectionLimit)
            ccurl_multi_setopt_long(multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX)
        }
    }

    deinit {
        if let multi { curl_multi_cleanup(multi) }
    }

    /// Asks, and waits for the whole answer. Cancelling the task ends the transfer.
    ///
    /// - Throws: `CurlError` when there is no answer; any status of a server is one.
    public func perform(_ request: CurlRequest) async throws(CurlError) -> CurlResponse {
        let transfer = Transfer(request)
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                transfer.wait(with: continuation)
                add(transfer)
            }
        } onCancel: {
            transfer.cancel()
            wake()
        }
        return try result.get()
    }

    /// Ends what is on its way as cancelled, and the thread.
    public func stop() {
        state.withLock { $0.hasEnded = true }
        wake()
    }

    private func add(_ transfer: Transfer) {
        let (isTaken, needsThread) = state.withLock { state in
            guard !state.hasEnded, multi != nil else { return (false, false) }
            state.arriving.append(transfer)
            defer { state.hasThread = true }
            return (true, !state.hasThread)
        }
        guard isTaken else { return transfer.finish(.failure(CurlError(.cancelled, "the client has been stopped"))) }
        if needsThread { startThread() } else { wake() }
    }

    private func wake() {
        if let multi { curl_multi_wakeup(multi) }
    }

    private func startThread() {
        var thread = pthread_t()
        let retained = Unmanaged.passRetained(self)
        let failed = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<CurlClient>.fromOpaque(context).takeRetainedValue().serve()
                return nil
            }, retained.toOpaque())
        if failed == 0 { return _ = pthread_detach(thread) }
        retained.release()
        let stranded = state.withLock { state in
            state.hasThread = false
            defer { state.arriving = [] }
            return state.arriving
        }
        for transfer in stranded {
            transfer.finish(.failure(CurlError(.unreachable, "the system gives no thread")))
        }
    }

    // MARK: The thread

    private func serve() {
        guard let multi else { return }
        var active: [UnsafeMutableRawPointer: Transfer] = [:]
        var trust = ConnectionTrust()
        while true {
            let (arriving, hasEnded) = state.withLock { state in
                defer { state.arriving = [] }
                return (state.arriving, state.hasEnded)
            }
            for transfer in arriving {
                trust.now = Self.seconds
                guard let easy = transfer.prepare(trust) else {
                    transfer.finish(.failure(CurlError(.unreachable, "libcurl cannot be used")))
                    continue
                }
                active[easy] = transfer
                curl_multi_add_handle(multi, easy)
            }
            for (easy, transfer) in active where hasEnded || transfer.isCancelled {
                end(easy, transfer, &active)
                transfer.finish(.failure(CurlError(.cancelled, "the request was given up")))
            }
            if hasEnded { return }
            var running: Int32 = 0
            curl_multi_perform(multi, &running)
            var left: Int32 = 0
            while let message = curl_multi_info_read(multi, &left) {
                guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
                // The message is gone with the handle.
                let code = ccurl_message_result(message)
                guard let transfer = active[easy] else { continue }
                let result = transfer.result(code, easy)
                trust.learn(result, at: Self.seconds)
                end(easy, transfer, &active)
                transfer.finish(result)
            }
            curl_multi_poll(multi, nil, 0, 60_000, nil)
        }
    }

    /// CLOCK_MONOTONIC.
    private static var seconds: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec
    }

    /// Takes a transfer out; its connection stays for the next one.
    private func end(
        _ easy: UnsafeMutableRawPointer, _ transfer: Transfer, _ active: inout [UnsafeMutableRawPointer: Transfer]
    ) {
        active[easy] = nil
        if let multi { curl_multi_remove_handle(multi, easy) }
        transfer.release(easy)
    }
}
