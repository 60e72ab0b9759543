package import CPluginABI

/// Memory for one call across the ABI: strings and arrays are copied in, and all of it is freed at once when the arena
/// ends, which must be after the call has returned.
package struct Arena: ~Copyable {
    private var block: UnsafeMutableRawPointer
    private var used = 0
    private var capacity: Int
    private var full: [UnsafeMutableRawPointer] = []

    /// What an empty but present text points at.
    private nonisolated(unsafe) static let somewhere = UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 1)

    package init(capacity: Int = 512) {
        self.capacity = capacity
        block = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit {
        block.deallocate()
        for other in full { other.deallocate() }
    }

    /// Frees everything; written where the memory must have lived until.
    package consuming func end() {}

    private mutating func take(_ size: Int) -> UnsafeMutableRawPointer {
        var start = (used + 15) & ~15
        if start + size > capacity {
            full.append(block)
            capacity = max(size, capacity * 2)
            block = .allocate(byteCount: capacity, alignment: 16)
            start = 0
        }
        used = start + size
        return block + start
    }

    /// A copy of the text as a slice.
    package mutating func slice(_ text: String) -> conductor_slice {
        var text = text
        let count = text.utf8.count
        guard count > 0 else { return conductor_slice(ptr: UnsafeRawPointer(Arena.somewhere), len: 0) }
        let copy = take(count)
        text.withUTF8 { copy.copyMemory(from: UnsafeRawPointer($0.baseAddress!), byteCount: count) }
        return conductor_slice(ptr: UnsafeRawPointer(copy), len: UInt64(count))
    }

    /// As `slice(_:)`; absent for nil.
    package mutating func slice(_ text: String?) -> conductor_slice {
        guard let text else { return conductor_slice() }
        return slice(text)
    }

    /// A copy of the bytes as a slice; present even where there are none.
    package mutating func slice(_ bytes: [UInt8]) -> conductor_slice {
        guard !bytes.isEmpty else { return conductor_slice(ptr: UnsafeRawPointer(Arena.somewhere), len: 0) }
        let copy = take(bytes.count)
        bytes.withUnsafeBytes { copy.copyMemory(from: $0.baseAddress!, byteCount: bytes.count) }
        return conductor_slice(ptr: UnsafeRawPointer(copy), len: UInt64(bytes.count))
    }

    /// The C form of one value, for a pointer to it.
    package mutating func pointer<Element: ABIValue>(_ element: Element) -> UnsafePointer<Element.CForm> {
        let place = take(MemoryLayout<Element.CForm>.size).bindMemory(to: Element.CForm.self, capacity: 1)
        place.initialize(to: element.cForm(in: &self))
        return UnsafePointer(place)
    }

    /// An array of slices.
    package mutating func array(_ texts: [String]) -> conductor_array {
        guard !texts.isEmpty else { return conductor_array() }
        let stride = MemoryLayout<conductor_slice>.stride
        let start = take(stride * texts.count)
        for (index, text) in texts.enumerated() {
            (start + index * stride).storeBytes(of: slice(text), as: conductor_slice.self)
        }
        return conductor_array(
            ptr: UnsafeRawPointer(start), count: UInt32(clamping: texts.count), stride: UInt32(stride))
    }

    /// Writes the C form of every element.
    package mutating func array<Element: ABIValue>(_ elements: [Element]) -> conductor_array {
        guard !elements.isEmpty else { return conductor_array() }
        let stride = MemoryLayout<Element.CForm>.stride
        let start = take(stride * elements.count)
        for (index, element) in elements.enumerated() {
            (start + index * stride).storeBytes(of: element.cForm(in: &self), as: Element.CForm.self)
        }
        return conductor_array(
            ptr: UnsafeRawPointer(start), count: UInt32(clamping: elements.count), stride: UInt32(stride))
    }

    /// An array of plain structs, each made in its turn.
    mutating func array<Form>(
        count: Int, of: Form.Type, _ make: (Int, inout Arena) -> Form
    ) -> conductor_array {
        guard count > 0 else { return conductor_array() }
        let stride = MemoryLayout<Form>.stride
        let start = take(stride * count)
        for index in 0..<count { (start + index * stride).storeBytes(of: make(index, &self), as: Form.self) }
        return conductor_array(ptr: UnsafeRawPointer(start), count: UInt32(clamping: count), stride: UInt32(stride))
    }

    /// One byte for each: 1 for true.
    package mutating func array(_ flags: [Bool]) -> conductor_array { array(bytes: flags.map { $0 ? 1 : 0 }) }

    /// One byte for each.
    package mutating func array(bytes: [UInt8]) -> conductor_array {
        guard !bytes.isEmpty else { return conductor_array() }
        let start = take(bytes.count)
        bytes.withUnsafeBytes { start.copyMemory(from: $0.baseAddress!, byteCount: bytes.count) }
        return conductor_array(ptr: UnsafeRawPointer(start), count: UInt32(clamping: bytes.count), stride: 1)
    }
}

/// A value that crosses the ABI as a struct of conductor_plugin.h.
package protocol ABIValue: Sendable {
    /// A plain C struct. (Not constrained to BitwiseCopyable: Swift 6.3 cannot import such a conformance of a C struct
    /// into another module.)
    associatedtype CForm
    /// The C struct, its texts and arrays in `arena`.
    func cForm(in arena: inout Arena) -> CForm
    /// Copies everything out of a struct that the peer lent.
    ///
    /// - Throws: `.internal` naming the field when a value is not one of this version of the contract.
    init(_ borrowed: CForm) throws(PluginError)
}
