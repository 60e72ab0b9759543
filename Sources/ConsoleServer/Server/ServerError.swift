/// Why the API cannot be served.
public struct ServerError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: Sendable, Hashable {
        /// The path does not fit a socket address.
        case pathTooLong
        /// Another gateway answers on the socket.
        case inUse
        /// The folder or the socket cannot be made.
        case system
    }

    public var code: Code
    /// What failed and how to mend it.
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
