package import CPluginABI

/// Copies a struct that the peer wrote: as much as the peer says it wrote, the rest zero. `pointer.pointee` of a struct
/// that an older peer made would read past its end.
///
/// `CForm` must be a plain C struct that begins with `uint32_t struct_size`, and be valid when it is all zero bits.
package func loadVersioned<CForm>(_ pointer: UnsafePointer<CForm>) -> CForm {
    let raw = UnsafeRawPointer(pointer)
    return loadVersioned(raw, as: CForm.self, limit: Int(raw.load(as: UInt32.self)))
}

func loadVersioned<CForm>(_ raw: UnsafeRawPointer, as: CForm.Type, limit: Int) -> CForm {
    let size = MemoryLayout<CForm>.size
    return withUnsafeTemporaryAllocation(
        byteCount: size, alignment: MemoryLayout<CForm>.alignment
    ) { buffer in
        let known = min(limit, size)
        if known < size { buffer.initializeMemory(as: UInt8.self, repeating: 0) }
        buffer.copyMemory(from: UnsafeRawBufferPointer(start: raw, count: known))
        return buffer.load(as: CForm.self)
    }
}

extension String {
    /// A copy of a lent text; "" where it is absent. Bytes that are no UTF-8 become U+FFFD.
    package init(_ slice: conductor_slice) {
        guard let start = slice.ptr, slice.len > 0 else {
            self = ""
            return
        }
        self.init(decoding: UnsafeRawBufferPointer(start: start, count: Int(slice.len)), as: UTF8.self)
    }

    /// A copy of a lent text; nil where it is absent.
    package init?(present slice: conductor_slice) {
        guard slice.ptr != nil else { return nil }
        self.init(slice)
    }
}

extension Array where Element == UInt8 {
    /// A copy of lent bytes; none where they are absent.
    package init(_ slice: conductor_slice) {
        guard let start = slice.ptr, slice.len > 0 else {
            self = []
            return
        }
        self.init(UnsafeRawBufferPointer(start: start, count: Int(slice.len)))
    }

    /// A copy of lent bytes that stand apart.
    package init(bytes lent: conductor_array) {
        guard let start = lent.ptr, lent.stride > 0 else {
            self = []
            return
        }
        self = (0..<Int(lent.count)).map { (start + $0 * Int(lent.stride)).load(as: UInt8.self) }
    }
}

extension Array where Element == String {
    /// Copies of lent texts.
    package init(_ lent: conductor_array) throws(PluginError) {
        self = []
        guard let start = lent.ptr, lent.count > 0 else { return }
        guard lent.stride >= 16 else {
            throw PluginError(.internal, "an array came with a stride of \(lent.stride) bytes")
        }
        for index in 0..<Int(lent.count) {
            append(String((start + index * Int(lent.stride)).load(as: conductor_slice.self)))
        }
    }
}

extension Array where Element: ABIValue {
    /// Copies of lent structs, each read no further than its writer wrote it.
    package init(_ lent: conductor_array) throws(PluginError) {
        self.init()
        guard let start = lent.ptr, lent.count > 0 else { return }
        guard lent.stride >= 4 else {
            throw PluginError(.internal, "an array came with a stride of \(lent.stride) bytes")
        }
        reserveCapacity(Int(lent.count))
        for index in 0..<Int(lent.count) {
            let raw = start + index * Int(lent.stride)
            let limit = Swift.min(Int(raw.load(as: UInt32.self)), Int(lent.stride))
            append(try Element(loadVersioned(raw, as: Element.CForm.self, limit: limit)))
        }
    }
}

extension Array where Element == Bool {
    package init(_ lent: conductor_array) { self = [UInt8](bytes: lent).map { $0 != 0 } }
}

extension UInt32 {
    /// `struct_size` of a struct we write.
    package init<CForm>(sizeOf type: CForm.Type) { self = UInt32(MemoryLayout<CForm>.size) }

    func has(_ bit: UInt32) -> Bool { self & bit != 0 }
}

func unknownNumber(_ field: String, _ number: some BinaryInteger) -> PluginError {
    PluginError(.internal, "the other side sent \(field) \(number), which this version does not know")
}
