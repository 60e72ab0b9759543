import Foundation
import Glibc
import Synchronization

/// The network between gateways and their storage. It can be cut as networks are: nobody is told, and what is on its way
/// is gone, requests and answers alike. And it can lead nowhere: connections are refused.
final class Relay: Sendable {
    let port: UInt16

    private struct State {
        var isCut = false
        var isOver = false
        /// Nil: connections are refused.
        var listener: Int32?
        var lines: [Line] = []
    }

    /// Both ends of one connection; closed when neither direction needs them.
    private final class Line: Sendable {
        let near: Int32
        let far: Int32
        private let open = Mutex(2)
        private let isReset = Mutex(false)

        init(near: Int32, far: Int32) {
            self.near = near
            self.far = far
        }

        /// Whoever reads or writes finds the end.
        func hangUp() {
            open.withLock { open in
                guard open > 0 else { return }
                // Who is reset hears nothing else: closing says it.
                let how = Int32(isReset.withLock { $0 } ? SHUT_RD : SHUT_RDWR)
                shutdown(near, how)
                shutdown(far, how)
            }
        }

        /// One end was reset: so is the other.
        func reset() {
            open.withLock { open in
                guard open > 0 else { return }
                isReset.withLock { $0 = true }
                var linger = linger(l_onoff: 1, l_linger: 0)
                for end in [near, far] {
                    setsockopt(end, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
                }
            }
            hangUp()
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

    private let target: UInt16
    private let state = Mutex(State())

    /// - Parameter target: port on this machine.
    init(to target: UInt16) throws {
        self.target = target
        let (listener, port) = try Self.listen(on: 0)
        self.port = port
        begin(listener)
    }

    private static func listen(on port: UInt16) throws -> (listener: Int32, port: UInt16) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var (address, yes) = (address(port), Int32(1))
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && Glibc.listen(listener, 64) == 0
                    && getsockname(listener, $0, &length) == 0
            }
        }
        guard isBound else { throw Failure("no port for a relay: \(String(cString: strerror(errno)))") }
        return (listener, UInt16(bigEndian: address.sin_port))
    }

    private func begin(_ listener: Int32) {
        state.withLock { $0.listener = listener }
        Thread.detachNewThread { [self] in accept(at: listener) }
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

    /// Nobody listens any more, and whoever is connected is hung up on.
    func refuse() { stop(forEver: false) }

    /// New connections go through; those that lived through a cut end.
    func mend() throws {
        let (lines, isAway) = state.withLock { state in
            let isAway = state.listener == nil && !state.isOver
            guard state.isCut else { return ([] as [Line], isAway) }
            state.isCut = false
            defer { state.lines = [] }
            return (state.lines, isAway)
        }
        for line in lines { line.hangUp() }
        if isAway { begin(try Self.listen(on: port).listener) }
    }

    func end() { stop(forEver: true) }

    private func stop(forEver: Bool) {
        let (lines, listener) = state.withLock { state in
            if forEver { state.isOver = true }
            defer { (state.lines, state.listener) = ([], nil) }
            return (state.lines, state.listener)
        }
        // Its thread closes it.
        if let listener { shutdown(listener, Int32(SHUT_RDWR)) }
        for line in lines { line.hangUp() }
    }

    private func accept(at listener: Int32) {
        while true {
            let near = Glibc.accept(listener, nil, nil)
            guard near >= 0 else { break }
            _ = fcntl(near, F_SETFD, FD_CLOEXEC)
            let far = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
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
                return state.listener != listener
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
            let wasReset = count < 0 && errno == ECONNRESET
            // During a cut an end does not come through either.
            let isCut = state.withLock { $0.isCut }
            if count <= 0 {
                if !isCut { if wasReset { line.reset() } else { line.hangUp() } }
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
