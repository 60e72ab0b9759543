import SMSCodec

/// Writes JSON objects behind one another into one buffer, without memory for each: for files of many lines.
///
/// Keys are plain ASCII without quotes or backslashes.
struct PDUJSONWriter {
    private(set) var bytes: [UInt8] = []
    private var needsComma = false
    /// Where the object that is being written begins.
    private var start = 0

    /// Room for `capacity` octets.
    init(capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    /// Begins the object of a line.
    mutating func beginLine() {
        start = bytes.count
        open(0x7B)
    }

    /// Ends the object of a line, and the line.
    mutating func endLine() {
        bytes.append(0x7D)
        bytes.append(0x0A)
    }

    /// Throws away what was written since `beginLine`, and begins it again.
    mutating func restartLine() {
        bytes.removeLast(bytes.count - start)
        open(0x7B)
    }

    /// Empties the buffer and keeps its memory.
    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
    }

    // MARK: Members

    /// Adds a text; nil is null.
    mutating func add(_ key: StaticString, _ value: String?) {
        begin(key)
        if let value { append(quoted: value) } else { append("null") }
    }

    /// Adds a plain ASCII text without anything to be escaped.
    mutating func add(_ key: StaticString, plain value: StaticString) {
        begin(key)
        bytes.append(0x22)
        append(value)
        bytes.append(0x22)
    }

    /// Adds a number.
    mutating func add(_ key: StaticString, _ value: some BinaryInteger) {
        begin(key)
        append(number: Int(value))
    }

    /// Adds a truth value.
    mutating func add(_ key: StaticString, _ value: Bool) {
        begin(key)
        append(value ? "true" : "false")
    }

    /// Adds octets as upper-case hexadecimal digits.
    mutating func add(_ key: StaticString, hex octets: some Collection<UInt8>) {
        begin(key)
        bytes.append(0x22)
        for octet in octets {
            let digits = UInt16(Self.digit(octet >> 4)) | UInt16(Self.digit(octet & 0x0F)) << 8
            withUnsafeBytes(of: digits.littleEndian) { bytes.append(contentsOf: $0) }
        }
        bytes.append(0x22)
    }

    /// Adds an object.
    mutating func add(_ key: StaticString, object: (inout PDUJSONWriter) -> Void) {
        begin(key)
        open(0x7B)
        object(&self)
        close(0x7D)
    }

    /// Adds a list, whose items `items` adds with `item`.
    mutating func add(_ key: StaticString, list items: (inout PDUJSONWriter) -> Void) {
        begin(key)
        open(0x5B)
        items(&self)
        close(0x5D)
    }

    /// Adds an object to a list.
    mutating func item(object: (inout PDUJSONWriter) -> Void) {
        separate()
        open(0x7B)
        object(&self)
        close(0x7D)
    }

    /// Adds a text to a list.
    mutating func item(_ value: String) {
        separate()
        append(quoted: value)
    }

    // MARK: Pieces

    private mutating func begin(_ key: StaticString) {
        separate()
        bytes.append(0x22)
        append(key)
        bytes.append(0x22)
        bytes.append(0x3A)
    }

    private mutating func separate() {
        if needsComma { bytes.append(0x2C) }
        needsComma = true
    }

    private mutating func open(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func append(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func append(number: Int) {
        if number < 0 { bytes.append(0x2D) }
        var rest = number.magnitude
        let place = bytes.count
        repeat {
            bytes.append(UInt8(rest % 10) + 0x30)
            rest /= 10
        } while rest > 0
        bytes[place...].reverse()
    }

    private mutating func append(quoted text: String) {
        bytes.append(0x22)
        var text = text
        text.withUTF8 { utf8 in
            var done = 0
            for index in 0..<utf8.count where Self.mustBeEscaped(utf8[index]) {
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[done..<index]))
                append(escaped: utf8[index])
                done = index + 1
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[done...]))
        }
        bytes.append(0x22)
    }

    private mutating func append(escaped octet: UInt8) {
        switch octet {
        case 0x22: append("\\\"")
        case 0x5C: append("\\\\")
        case 0x0A: append("\\n")
        case 0x0D: append("\\r")
        default:
            append("\\u00")
            bytes.append(Self.digit(octet >> 4))
            bytes.append(Self.digit(octet & 0x0F))
        }
    }

    @inline(__always)
    private static func mustBeEscaped(_ octet: UInt8) -> Bool {
        octet < 0x20 || octet == 0x22 || octet == 0x5C || octet == 0x7F
    }

    @inline(__always)
    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? value + 0x30 : value + 0x37
    }
}
