import Glibc

/// One of the two output streams, and what it can show.
struct Terminal: Sendable {
    static let output = Terminal(descriptor: STDOUT_FILENO)
    static let errors = Terminal(descriptor: STDERR_FILENO)

    let descriptor: Int32
    let isTerminal: Bool
    /// Colours are used on a terminal only, and never with NO_COLOR or TERM=dumb.
    let hasColours: Bool
    /// Columns; nil where nobody looks, then nothing is cut.
    let width: Int?

    init(descriptor: Int32) {
        let isTerminal = isatty(descriptor) == 1
        var size = winsize()
        let isSized = isTerminal && ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        let noColour = Self.variable("NO_COLOR").map { !$0.isEmpty } ?? false
        self.init(
            descriptor: descriptor, isTerminal: isTerminal,
            hasColours: isTerminal && !noColour && Self.variable("TERM") != "dumb",
            width: isSized ? Int(size.ws_col) : nil)
    }

    init(descriptor: Int32, isTerminal: Bool, hasColours: Bool, width: Int?) {
        self.descriptor = descriptor
        self.isTerminal = isTerminal
        self.hasColours = hasColours
        self.width = width
    }

    /// SGR codes.
    enum Style: Int, Sendable {
        case bold = 1
        case dim = 2
        case red = 31
        case green = 32
        case yellow = 33
        case blue = 34
        case cyan = 36
    }

    func style(_ text: String, _ styles: Style...) -> String {
        guard hasColours, !styles.isEmpty else { return text }
        return "\u{1B}[\(styles.map { String($0.rawValue) }.joined(separator: ";"))m\(text)\u{1B}[0m"
    }

    /// Writes the line at once and whole.
    func line(_ text: String = "") {
        write(text + "\n")
    }

    func write(_ text: String) {
        write(bytes: [UInt8](text.utf8))
    }

    func write(bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno != EINTR {
                return
            }
        }
    }

    static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
