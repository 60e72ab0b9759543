import PluginKit

extension Int32: WireValue {
    func write(to wire: inout WireWriter) { wire.write(self) }
    init(from wire: inout WireReader) throws(WireError) { self = try wire.number() }
}

extension UInt32: WireValue {
    func write(to wire: inout WireWriter) { wire.write(self) }
    init(from wire: inout WireReader) throws(WireError) { self = try wire.number() }
}

extension Int64: WireValue {
    func write(to wire: inout WireWriter) { wire.write(self) }
    init(from wire: inout WireReader) throws(WireError) { self = try wire.number() }
}

extension UInt64: WireValue {
    func write(to wire: inout WireWriter) { wire.write(self) }
    init(from wire: inout WireReader) throws(WireError) { self = try wire.number() }
}

extension Double: WireValue {
    func write(to wire: inout WireWriter) { wire.write(bitPattern) }
    init(from wire: inout WireReader) throws(WireError) { self.init(bitPattern: try wire.number()) }
}

extension Bool: WireValue {
    func write(to wire: inout WireWriter) { wire.write(self ? UInt8(1) : 0) }
    init(from wire: inout WireReader) throws(WireError) {
        let byte = try wire.number(UInt8.self)
        guard byte <= 1 else { throw WireError("a truth value of \(byte)") }
        self = byte == 1
    }
}

extension String: WireValue {
    func write(to wire: inout WireWriter) {
        var text = self
        text.withUTF8 { wire.write(UnsafeRawBufferPointer($0)) }
    }
    /// Bytes that are no UTF-8 become U+FFFD.
    init(from wire: inout WireReader) throws(WireError) {
        self.init(decoding: try wire.take(try wire.count()), as: UTF8.self)
    }
}

extension Optional: WireValue where Wrapped: WireValue {
    func write(to wire: inout WireWriter) {
        (self != nil).write(to: &wire)
        self?.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self = try wire.value(Bool.self) ? try wire.value(Wrapped.self) : nil
    }
}

extension Array: WireValue where Element: WireValue {
    func write(to wire: inout WireWriter) {
        wire.write(count: count)
        for element in self { element.write(to: &wire) }
    }
    init(from wire: inout WireReader) throws(WireError) {
        let count = try wire.count()
        self.init()
        // Elements take more memory than bytes on the wire: what is there decides, not what is said.
        reserveCapacity(Swift.min(count, 4096))
        for _ in 0..<count { append(try wire.value()) }
    }
}

/// Bytes as they are: an array of them would go one by one.
struct WireBytes: WireValue {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func write(to wire: inout WireWriter) { bytes.withUnsafeBytes { wire.write($0) } }
    init(from wire: inout WireReader) throws(WireError) { bytes = [UInt8](try wire.take(try wire.count())) }
}

extension Timestamp: WireValue {
    func write(to wire: inout WireWriter) { wire.write(milliseconds) }
    init(from wire: inout WireReader) throws(WireError) { self.init(milliseconds: try wire.number()) }
}

/// A word or a number that stands for a case.
extension WireValue where Self: RawRepresentable, RawValue: WireValue {
    func write(to wire: inout WireWriter) { rawValue.write(to: &wire) }
    init(from wire: inout WireReader) throws(WireError) {
        let raw = try wire.value(RawValue.self)
        guard let value = Self(rawValue: raw) else { throw WireError("no \(Self.self) is \"\(raw)\"") }
        self = value
    }
}

extension Duration: WireValue {
    func write(to wire: inout WireWriter) {
        wire.write(components.seconds)
        wire.write(components.attoseconds)
    }
    init(from wire: inout WireReader) throws(WireError) {
        let seconds = try wire.number(Int64.self)
        let attoseconds = try wire.number(Int64.self)
        guard abs(seconds.clamped) < 1 << 40, attoseconds >= 0, attoseconds < 1_000_000_000_000_000_000 else {
            throw WireError("a duration out of range")
        }
        self.init(secondsComponent: seconds, attosecondsComponent: attoseconds)
    }
}

extension Int64 {
    /// What `abs` cannot take is brought in first.
    fileprivate var clamped: Int64 { Swift.max(self, -.max) }
}
