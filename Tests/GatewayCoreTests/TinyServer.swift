import Glibc
import Synchronization

/// An HTTP server on a port of its own, for one client at a time; it says what it was asked.
///
/// Paths: `/big` answers 100,000 bytes, `/slow` nothing at all, `/again` a redirect, everything else the request's own head
/// and body.
final class TinyServer: Sendable {
    let port: UInt16
    let connections = Atomic<Int>(0)
    private let listener: Int32

    init() throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else { throw Failure() }
        port = UInt16(bigEndian: address.sin_port)
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<TinyServer>.fromOpaque(context).takeRetainedValue().serve() }
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        pthread_detach(thread)
    }

    struct Failure: Error {}

    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func serve() {
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { break }
            connections.add(1, ordering: .relaxed)
            while answer(client) {}
            close(client)
        }
        close(listener)
    }

    /// One request and its answer; false when the client is gone.
    private func answer(_ client: Int32) -> Bool {
        var text = ""
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(client, &bytes, bytes.count)
            guard count > 0 else { return false }
            text += String(decoding: bytes[..<count], as: UTF8.self)
            guard let end = text.range(of: "\r\n\r\n") else { continue }
            let length = text.range(of: "Content-Length: ").map { range in
                Int(text[range.upperBound...].prefix { $0.isNumber }) ?? 0
            }
            if text[end.upperBound...].utf8.count >= length ?? 0 { break }
        }
        let path = text.split(separator: " ").dropFirst().first ?? ""
        if path == "/slow" { return true }
        let isRedirect = path == "/again"
        let body = path == "/big" ? String(repeating: "x", count: 100_000) : text
        let head =
            "HTTP/1.1 \(isRedirect ? "302 Found\r\nLocation: /there" : "200 OK")\r\nX-Empty:\r\nX-Two: a\r\nX-Two:  b \r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n"
        let all = Array((head + body).utf8)
        return write(client, all, all.count) == all.count
    }
}

extension String {
    fileprivate func range(of part: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].unicodeScalars.starts(with: part.unicodeScalars) {
                return start..<unicodeScalars.index(start, offsetBy: part.unicodeScalars.count)
            }
            start = unicodeScalars.index(after: start)
        }
        return nil
    }
}
