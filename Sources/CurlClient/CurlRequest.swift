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

    public init(
        method: String, url: String, headers: [Header] = [], body: [UInt8] = [], timeoutMilliseconds: Int64,
        responseLimit: Int64
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeoutMilliseconds = timeoutMilliseconds
        self.responseLimit = responseLimit
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
}

/// Why there is no response: one sentence without the URL, which may hold a key.
public struct CurlError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: Sendable, Hashable {
        /// The URL is none that libcurl can ask.
        case invalid
        /// No connection, no such host, a wrong certificate, a broken answer.
        case unreachable
        case timedOut
        case tooLong
        case cancelled
    }

    public var code: Code
    public var description: String

    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
