import Glibc

/// The modem's end of a pseudo-terminal, with a link to the other end.
///
/// A descriptor of the other end is kept open, so that programs may open and close it as they like without the
/// modem's end failing with EIO between them. Used on one thread.
final class PseudoTerminal {
    /// Never blocks.
    let descriptor: Int32
    /// The other end, as `/dev/pts/7`.
    let path: String
    let link: String
    private let keptOpen: Int32

    /// Opens a pair in raw mode and makes `link` point at it, in one step for whoever looks.
    init(link: String) throws(SimulatorError) {
        let master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        guard master >= 0 else { throw SimulatorError("cannot open a pseudo-terminal", errno: errno) }
        var number: Int32 = 0
        var unlock: Int32 = 0
        // TIOCGPTN and TIOCSPTLCK of asm-generic/ioctls.h; the macros are not importable.
        guard ioctl(master, 0x8004_5430, &number) == 0, ioctl(master, 0x4004_5431, &unlock) == 0 else {
            let code = errno
            close(master)
            throw SimulatorError("cannot unlock a pseudo-terminal", errno: code)
        }
        let path = "/dev/pts/\(number)"
        let slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard slave >= 0 else {
            let code = errno
            close(master)
            throw SimulatorError("cannot open \(path)", errno: code)
        }
        var attributes = termios()
        tcgetattr(slave, &attributes)
        cfmakeraw(&attributes)
        tcsetattr(slave, TCSANOW, &attributes)
        let temporary = "\(link).\(number)"
        unlink(temporary)
        guard symlink(path, temporary) == 0, rename(temporary, link) == 0 else {
            let code = errno
            unlink(temporary)
            close(slave)
            close(master)
            throw SimulatorError("cannot make the link \(link)", errno: code)
        }
        descriptor = master
        self.path = path
        self.link = link
        keptOpen = slave
    }

    /// The program at the other end sees a hang-up; the link goes first, so that it cannot be followed any more.
    deinit {
        unlink(link)
        close(keptOpen)
        close(descriptor)
    }

    /// What came in: nil when nothing is there.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> UnsafeRawBufferPointer? {
        let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        return count > 0 ? UnsafeRawBufferPointer(rebasing: buffer[..<count]) : nil
    }

    /// How many octets were taken: fewer than offered when the other end does not read.
    func write(_ bytes: ArraySlice<UInt8>) -> Int {
        max(0, bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) })
    }
}
