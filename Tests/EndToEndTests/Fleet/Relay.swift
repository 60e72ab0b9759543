import Foundation
import Glibc
import Synchronization

/// The network between one gateway and its storage. It can be cut as networks are: nobody is told, and what is on its way
/// is gone, requests and answers alike.
final class Relay: Sendable {
    let port: UInt16

    private struct State {
        var isCut = false
        var isOver = false
        var lines: [Line] = []
    }

    /// Both ends of one connection; closed when neither direction needs them.
    private final class Line: Sendable {
        let near: Int32
        let far: Int32
        private let open = Mutex(2)

        init(near: Int32, far: Int32) {
            self.near = near
            self.far = far
        }

        /// Whoever reads or writes finds the end.
        func hangUp() {
            open.withLock { open in
                guard open > 0 else { return }
                shutdown(near, Int32(SHUT_RDWR))
                shutdown(far, Int32(SHUT_RDWR))
            }
        }

        var isClosed: Bool { open.withLock { $0 <= 0 } }

        func letGo() {
            open.withLock { open in
                open -= 1
                guard open == 0 else { return }
                close(near)
                close(far)
            }
        }
    }

    private let listener: Int32
    private let target: UInt16
    private let state = Mutex(State())

    /// - Parameter target: port on this machine.
    init(to target: UInt16) throws {
        self.target = target
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.address(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let fd = listener
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(fd, $0, length) == 0 && listen(fd, 64) == 0 && getsockname(fd, $0, &length) == 0
            }
        }
        guard isBound else { throw Failure("no port for a relay: \(String(cString: strerror(errno)))") }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [self] in accept() }
    }

    private static func address(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    /// Nothing goes through any more.
    func cut() { state.withLock { $0.isCut = true } }

    /// New connections go through; those that lived through the cut end.
    func mend() {
        let lines = state.withLock { state in
            guard state.isCut else { return [] as [Line] }
            state.isCut = false
            defer { state.lines = [] }
            return state.lines
        }
        for line in lines { line.hangUp() }
    }

    func end() {
        let lines = state.withLock { state in
            state.isOver = true
            defer { state.lines = [] }
            return state.lines
        }
        for line in lines { line.hangUp() }
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func accept() {
        while true {
            let near = Glibc.accept(listener, nil, nil)
            guard near >= 0 else { break }
            let far = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = Self.address(target)
            let isThere = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(far, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            guard isThere else {
                close(near)
                close(far)
                continue
            }
            let line = Line(near: near, far: far)
            let isOver = state.withLock { state in
                state.lines.append(line)
                return state.isOver
            }
            Thread.detachNewThread { [self] in carry(from: near, to: far, line) }
            Thread.detachNewThread { [self] in carry(from: far, to: near, line) }
            if isOver { line.hangUp() }
        }
        close(listener)
    }

    private func carry(from source: Int32, to target: Int32, _ line: Line) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(source, &buffer, buffer.count)
            // During a cut an end does not come through either.
            let isCut = state.withLock { $0.isCut }
            if count <= 0 {
                if !isCut { line.hangUp() }
                break
            }
            if isCut { continue }
            var sent = 0
            while sent < count {
                let more = buffer.withUnsafeBytes { write(target, $0.baseAddress! + sent, count - sent) }
                guard more > 0 else { break }
                sent += more
            }
            if sent < count {
                line.hangUp()
                break
            }
        }
        line.letGo()
        // Its other direction may still wait for somebody who is gone: `mend` and `end` tell it.
        state.withLock { state in state.lines.removeAll { $0 === line && $0.isClosed } }
    }
}
