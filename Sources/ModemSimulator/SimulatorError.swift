import Glibc

/// What the simulator cannot do, as a sentence.
public struct SimulatorError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What failed, and where it is known why, the reason.
    public let description: String

    /// An error with its whole sentence.
    public init(_ description: String) {
        self.description = description
    }

    init(_ what: String, errno code: Int32) {
        description = "\(what): \(String(cString: strerror(code)))"
    }
}
