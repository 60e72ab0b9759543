/// A request that the host makes for a plugin: `Host.http`.
public struct HTTPRequest: Sendable, Hashable {
    /// One line of a head; a name may come more than once.
    public struct Header: Sendable, Hashable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// As `GET`, `POST`.
    public var method: String
    /// Absolute; one that the drop-in's grant allows.
    public var url: String
    public var headers: [Header]
    public var body: [UInt8]
    /// For all of it, redirects included; 1...600,000.
    public var timeoutMilliseconds: Int64
    /// Bytes of a body that may come at most; a longer one is an error. The host has a limit of its own, 8 MiB.
    public var responseLimit: Int64

    public init(
        method: String = "GET", url: String, headers: [Header] = [], body: [UInt8] = [],
        timeoutMilliseconds: Int64 = 10_000, responseLimit: Int64 = 1 << 20
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeoutMilliseconds = timeoutMilliseconds
        self.responseLimit = responseLimit
    }
}

/// What a server answered, whatever its status says.
public struct HTTPResponse: Sendable, Hashable {
    /// 100...599.
    public var status: Int32
    /// Of the last answer, in its order; names as the server wrote them.
    public var headers: [HTTPRequest.Header]
    public var body: [UInt8]

    public init(status: Int32, headers: [HTTPRequest.Header] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first header of that name, in whatever case.
    public func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }

    /// The body as text; bytes that are no UTF-8 become U+FFFD.
    public var text: String { String(decoding: body, as: UTF8.self) }
}
