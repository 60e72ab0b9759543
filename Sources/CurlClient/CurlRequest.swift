/// One HTTP request.
public struct CurlRequest: Sendable, Hashable {
    /// One line of a head.
    public struct Header: Sendable, Hashable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// As `GET`.
    public var method: String
    /// http or https, absolute.
    public var url: String
    public var headers: [Header]
    public var body: [UInt8]
    /// For all of it; from 1.
    public var timeoutMilliseconds: Int64
    /// Bytes of a body that may come at most.
    public var responseLimit: Int64
    /// For name, connection and TLS, within `timeoutMilliseconds`; 0 is libcurl's own.
    public var connectTimeoutMilliseconds: Int64
    /// PEM file of the authorities that may vouch for the server; nil takes the system's.
    public var caFile: String?
    /// On a connection of its own. libcurl repeats by itself what it sent on a kept connection that turns out dead, so
    /// that a server may do it twice; on a new one it never does.
    public var isFresh: Bool

    public init(
        method: String, url: String, headers: [Header] = [], body: [UInt8] = [], timeoutMilliseconds: Int64,
        responseLimit: Int64, connectTimeoutMilliseconds: Int64 = 0, caFile: String? = nil, isFresh: Bool = false
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeoutMilliseconds = timeoutMilliseconds
        self.responseLimit = responseLimit
        self.connectTimeoutMilliseconds = connectTimeoutMilliseconds
        self.caFile = caFile
        self.isFresh = isFresh
    }
}

/// What a server answered.
public struct CurlResponse: Sendable, Hashable {
    public var status: Int32
    public var headers: [CurlRequest.Header]
    public var body: [UInt8]

    public init(status: Int32, headers: [CurlRequest.Header], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The value of a header by its name, in whatever case; the last of several.
    public func header(_ name: String) -> String? {
        headers.last { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// Why there is no response: one sentence without the URL, which may hold a key.
public struct CurlError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: Sendable, Hashable {
        /// The URL is none that libcurl can ask.
        case invalid
        /// No connection, a broken answer.
        case unreachable
        /// The name of the host is not known.
        case unresolved
        /// The server's certificate is not trusted, or is for another host.
        case untrusted
        case timedOut
        case tooLong
        case cancelled
    }

    public var code: Code
    public var description: String
    /// The server may have got the request, and done what it says.
    public var mayHaveArrived: Bool

    public init(_ code: Code, _ description: String, mayHaveArrived: Bool = false) {
        self.code = code
        self.description = description
        self.mayHaveArrived = mayHaveArrived
    }
}
