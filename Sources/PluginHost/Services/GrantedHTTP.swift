import PluginKit

/// Requests within the URLs of a grant. Redirects are followed here, hop by hop, so that none leads out of the grant; the
/// gateway below follows none.
struct GrantedHTTP: Sendable {
    static let redirectLimit = 5
    static let responseLimit: Int64 = 8 << 20
    /// What the gateway sets itself, or what would make one request two.
    private static let reserved = ["connection", "content-length", "host", "transfer-encoding", "upgrade"]
    /// What is for one server only.
    private static let personal = ["authorization", "cookie", "proxy-authorization"]

    let services: any HostServices
    let name: String
    let grants: Grants
    let now: @Sendable () -> Int64

    func answer(_ request: HTTPRequest) async throws(PluginError) -> HTTPResponse {
        try check(request)
        var request = request
        var url = try allowed(request.url)
        let end = now() + request.timeoutMilliseconds * 1_000_000
        for _ in 0...Self.redirectLimit {
            request.url = url.description
            request.timeoutMilliseconds = (end - now()) / 1_000_000
            guard request.timeoutMilliseconds > 0 else {
                throw PluginError(.deadline, "the server did not answer in time")
            }
            let reply = try await services.serve(.http(request), plugin: name)
            guard case .http(let response) = reply else { throw .wrongReply }
            guard [301, 302, 303, 307, 308].contains(response.status), let location = response.header("Location") else {
                return response
            }
            guard let next = url.following(location) else {
                throw PluginError(.unsupported, "the server redirects to something that is no plain URL")
            }
            try check(next, "the server redirects to a URL that")
            follow(next, from: url, status: response.status, &request)
            url = next
        }
        throw PluginError(.unavailable, "the server redirects more than \(Self.redirectLimit) times")
    }

    /// RFC 9110 §15.4: 303 asks again with GET, and so do 301 and 302 after POST, as every client does.
    private func follow(_ next: PlainURL, from url: PlainURL, status: Int32, _ request: inout HTTPRequest) {
        if status == 303 && request.method != "HEAD" || status < 303 && request.method == "POST" {
            request.method = "GET"
            request.body = []
            request.headers.removeAll { $0.name.lowercased().hasPrefix("content-") }
        }
        if next.origin != url.origin {
            request.headers.removeAll { Self.personal.contains($0.name.lowercased()) }
        }
    }

    private func allowed(_ text: String) throws(PluginError) -> PlainURL {
        guard let url = PlainURL(text) else {
            throw PluginError(
                .invalid, "the URL is none that can be asked: write it as https://host/path, encoded, and without dots")
        }
        try check(url, "the URL")
        return url
    }

    private func check(_ url: PlainURL, _ subject: String) throws(PluginError) {
        guard !grants.http.contains(where: { $0.allows(url) }) else { return }
        let does = subject == "the URL" ? "is not one" : "is not one of those"
        throw PluginError(
            .unsupported,
            "\(subject) \(does) that the drop-in \(name) grants: it grants "
                + grants.http.map(\.description).joined(separator: ", "))
    }

    private func check(_ request: HTTPRequest) throws(PluginError) {
        let token = Set("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
        func isToken(_ text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy(token.contains) }
        guard isToken(request.method), request.method.utf8.count <= 32 else {
            throw PluginError(.invalid, "the method is none: write GET, POST, PUT, PATCH or DELETE")
        }
        guard (1...600_000).contains(request.timeoutMilliseconds) else {
            throw PluginError(.invalid, "the timeout must be 1 to 600000 milliseconds")
        }
        guard (0...Self.responseLimit).contains(request.responseLimit) else {
            throw PluginError(.invalid, "the response limit must be 0 to \(Self.responseLimit) bytes")
        }
        guard request.headers.count <= 64 else { throw PluginError(.invalid, "there are more than 64 headers") }
        for header in request.headers {
            guard isToken(header.name) else { throw PluginError(.invalid, "the name of a header is none") }
            guard !Self.reserved.contains(header.name.lowercased()) else {
                throw PluginError(.invalid, "the header \(header.name) is the gateway's own: leave it out")
            }
            guard header.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw PluginError(.invalid, "the header \(header.name) has a line break or a control character in it")
            }
        }
    }
}
