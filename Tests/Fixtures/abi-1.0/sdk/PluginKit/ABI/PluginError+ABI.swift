package import CPluginABI

extension PluginError {
    /// What any error becomes at the boundary: its class, its text, its delay.
    package init(describing error: any Error) {
        switch error {
        case let error as PluginError: self = error
        case is CancellationError: self = PluginError(.cancelled, "cancelled")
        default: self = PluginError(.internal, String(describing: error))
        }
    }

    /// Copies what the peer wrote; a class that is not known counts as internal.
    package init(_ form: conductor_error) {
        let capacity = MemoryLayout.size(ofValue: form.message)
        let text = withUnsafeBytes(of: form.message) { bytes in
            String(decoding: bytes.prefix(min(Int(form.message_len), capacity)), as: UTF8.self)
        }
        let code = Code(rawValue: form.code) ?? .internal
        self.init(
            code, text.isEmpty ? "no reason given (\(code))" : text,
            retryAfterMilliseconds: form.retry_after_ms > 0 ? form.retry_after_ms : nil)
    }

    /// The C form; the text is cut at a character's boundary.
    package var cForm: conductor_error {
        var form = conductor_error()
        form.struct_size = UInt32(sizeOf: conductor_error.self)
        form.code = code.rawValue
        // 0 says "unknown" in C: at once is a millisecond.
        form.retry_after_ms = retryAfterMilliseconds.map { max(1, $0) } ?? 0
        let bytes = Array(message.utf8)
        withUnsafeMutableBytes(of: &form.message) { target in
            var count = min(bytes.count, target.count)
            while count > 0, count < bytes.count, bytes[count] & 0xC0 == 0x80 { count -= 1 }
            target.copyBytes(from: bytes[..<count])
            form.message_len = UInt32(count)
        }
        return form
    }
}
