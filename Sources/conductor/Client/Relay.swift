import Synchronization

/// Hands the octets of a transfer from libcurl's thread to a reader, and the reader's end to libcurl.
final class Relay: Sendable {
    private let sink: AsyncThrowingStream<[UInt8], any Error>.Continuation
    private let hasEnded = Atomic(false)

    init(sink: AsyncThrowingStream<[UInt8], any Error>.Continuation) {
        self.sink = sink
    }

    func end() {
        hasEnded.store(true, ordering: .relaxed)
    }

    /// The transfer has ended, with `error` when it failed.
    func finish(throwing error: CommandFailure?) {
        sink.finish(throwing: error)
    }

    /// libcurl's sink; `context` is an unretained `Relay`.
    static func take(_ bytes: UnsafeMutablePointer<CChar>, _ length: Int, _ context: UnsafeMutableRawPointer?) -> Int {
        guard let context else { return 0 }
        let relay = Unmanaged<Relay>.fromOpaque(context).takeUnretainedValue()
        relay.sink.yield([UInt8](UnsafeRawBufferPointer(start: bytes, count: length)))
        return length
    }

    /// Whether the reader is gone; `context` is an unretained `Relay`.
    static func isEnded(_ context: UnsafeMutableRawPointer?) -> Bool {
        guard let context else { return true }
        return Unmanaged<Relay>.fromOpaque(context).takeUnretainedValue().hasEnded.load(ordering: .relaxed)
    }
}
