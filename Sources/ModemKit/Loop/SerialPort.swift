import CModemIO

/// A tty that is open: bytes out, bytes in, and one call when it is gone. Everything on the loop's thread; its owner
/// must `close` it, since the last reference may go on any thread.
final class SerialPort {
    /// Why a port could not be opened.
    struct OpenFailure: Error, Sendable, Hashable {
        var errno: Int32
        /// Who holds it, where that is known.
        var holder: Int32?
    }

    /// Bytes arrived; borrowed for the call.
    var received: ((UnsafeBufferPointer<UInt8>) -> Void)?
    /// The device is gone; errno, 0 for an end of file. Called once.
    var closed: ((Int32) -> Void)?

    private let loop: EventLoop
    private var handle: OpaquePointer?

    init(loop: EventLoop) {
        self.loop = loop
    }

    /// Opens `path` raw and exclusively. `baud` 0 leaves the speed alone.
    func open(_ path: String, baud: UInt32) throws(OpenFailure) {
        let callbacks = cmodemio_port_callbacks(
            context: Unmanaged.passUnretained(self).toOpaque(),
            received: { context, bytes, length in
                guard let port = SerialPort.from(context) else { return }
                port.loop.serve { port.received?(UnsafeBufferPointer(start: bytes, count: length)) }
            },
            writable: { _ in },
            closed: { context, reason in
                guard let port = SerialPort.from(context) else { return }
                port.loop.serve { port.lost(reason) }
            })
        var opened: OpaquePointer?
        var holder: pid_t = 0
        let options = cmodemio_port_options(baud: baud, write_limit: 0)
        let status = path.withCString { cmodemio_port_open(loop.handle, $0, options, callbacks, &opened, &holder) }
        guard status == 0, let opened else {
            throw OpenFailure(errno: -status, holder: holder > 0 ? holder : nil)
        }
        handle = opened
    }

    /// Takes all of the bytes or none; false when the port is gone or its buffer is full.
    func write(_ bytes: [UInt8]) -> Bool {
        guard let handle else { return false }
        return bytes.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return true }
            return cmodemio_port_write(handle, start, buffer.count) == 0
        }
    }

    /// Closes; no call comes afterwards.
    func close() {
        guard let handle else { return }
        self.handle = nil
        received = nil
        closed = nil
        cmodemio_port_close(handle)
    }

    private func lost(_ reason: Int32) {
        let tell = closed
        close()
        tell?(reason)
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> SerialPort? {
        context.map { Unmanaged<SerialPort>.fromOpaque($0).takeUnretainedValue() }
    }
}
