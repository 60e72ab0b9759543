/// Why something could not be done with a modem.
public struct ModemError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Code: Sendable, Hashable {
        /// No modem of that id is attached.
        case noSuchModem
        /// The port went away.
        case portGone
        /// No answer came in time.
        case timedOut
        /// The modem answered with an error; its words.
        case refused(String)
        /// This command is not for the asking: it would open a prompt or disturb the dialogue.
        case notAllowed
        /// A system call failed.
        case system(errno: Int32)
    }

    public var code: Code
    /// A sentence for people; without numbers or texts of people.
    public var description: String

    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
