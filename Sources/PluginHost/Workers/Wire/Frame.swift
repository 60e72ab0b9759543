/// What a frame is for. Frames with an id are answered by one with the same id.
enum FrameKind: UInt8, Sendable {
    // From the host.
    /// `Hello`; the first frame, answered by `ready` or `failed`.
    case hello = 1
    case start
    /// Ends the plugin; answered when it is destroyed.
    case stop
    /// `PluginCall`
    case call
    case ping
    // From the worker.
    /// `WorkerReady`
    case ready
    /// `PluginReply`
    case reply
    /// `ServiceRequest`
    case service
    case log
    case storageChanged
    case metric
    // From either.
    /// To `start`, `stop`, `ping`.
    case done
    /// `PluginError`, to whatever has an id.
    case failed
    /// Nobody waits for the answer to that id any longer.
    case cancel
    /// `ServiceReply`
    case serviceReply
    // From the worker.
    /// The plugin completed a call twice, or what was none. Said with the answer to a later call.
    case stray
}

/// u32 length of what follows, u8 kind, u64 id, body. Private between a host and a worker of one release.
struct Frame {
    static let lengthSize = 4
    static let headerSize = 13
    /// Most that a frame may have after its length: a plugin's 10 MB answer passes, a runaway one is refused in words.
    static let limit = 64 << 20

    let kind: FrameKind
    let id: UInt64
    /// Lent for the time it is handled.
    let body: UnsafeRawBufferPointer

    static func encode(_ kind: FrameKind, id: UInt64 = 0) -> [UInt8] {
        // A frame without a body is never too long.
        WireWriter(kind, id: id, capacity: 0).frame() ?? []
    }

    /// nil when it is too long.
    static func encode(_ kind: FrameKind, id: UInt64 = 0, _ value: some WireValue) -> [UInt8]? {
        var writer = WireWriter(kind, id: id)
        value.write(to: &writer)
        return writer.frame()
    }

    /// The first whole frame in `bytes` and its length; nil while there is none.
    static func first(in bytes: UnsafeRawBufferPointer) throws(WireError) -> (frame: Frame, length: Int)? {
        guard bytes.count >= lengthSize else { return nil }
        let length = Int(UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)))
        guard length >= headerSize - lengthSize, length <= limit else { throw WireError("a frame of \(length) bytes") }
        guard bytes.count >= lengthSize + length else { return nil }
        guard let kind = FrameKind(rawValue: bytes[lengthSize]) else {
            throw WireError("a frame of kind \(bytes[lengthSize])")
        }
        let id = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: lengthSize + 1, as: UInt64.self))
        let body = UnsafeRawBufferPointer(rebasing: bytes[headerSize..<lengthSize + length])
        return (Frame(kind: kind, id: id, body: body), lengthSize + length)
    }

    func decode<Value: WireValue>(_ type: Value.Type = Value.self) throws(WireError) -> Value {
        try WireReader.decode(type, from: body)
    }
}
