import PluginKit

/// The beginning of URLs that a grant allows. Scheme, host and port are compared after parsing, and a path by whole
/// segments: `https://api.example.com` is not the beginning of `https://api.example.com.evil.org/`, nor `…/v1` of
/// `…/v10`.
struct URLPrefix: Sendable, Hashable, CustomStringConvertible {
    private let url: PlainURL

    /// - Returns: nil for what is no http or https URL, or has a query.
    init?(_ text: String) {
        guard let url = PlainURL(text), url.query == nil else { return nil }
        self.url = url
    }

    func allows(_ other: PlainURL) -> Bool {
        guard other.scheme == url.scheme, other.host == url.host, other.port == url.port else { return false }
        return url.path.hasSuffix("/")
            ? other.path.hasPrefix(url.path) : other.path == url.path || other.path.hasPrefix(url.path + "/")
    }

    /// Without the parts that are a secret: who knows the URL of a webhook or of a bot may use it.
    var description: String {
        secretParts.reduce(into: url.description) { $0 = $0.replacing($1, with: "…") }
    }

    /// Parts of the path that nobody chose: long, and with digits in them.
    var secretParts: [String] {
        url.path.split(separator: "/").map(String.init).filter { part in
            part.utf8.count >= 16 && part.contains(where: \.isNumber) || SecretShapes.areIn(part)
        }
    }
}

/// An http or https URL in the one form that every reader understands alike (RFC 3986): what has more than one reading is
/// refused, as user names, backslashes, `.` and `..`, or an encoded dot or slash.
struct PlainURL: Sendable, Hashable, CustomStringConvertible {
    /// `http` or `https`.
    let scheme: String
    /// Lower case; with brackets for an IPv6 address.
    let host: String
    let port: Int
    /// Begins with `/`.
    let path: String
    /// Without its `?`.
    let query: String?

    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !text.contains(where: { "\\\"<>^`{|}".contains($0) }),
            let colon = text.firstIndex(of: ":")
        else { return nil }
        let scheme = text[..<colon].lowercased()
        guard scheme == "http" || scheme == "https", text[colon...].hasPrefix("://") else { return nil }
        var rest = text[text.index(colon, offsetBy: 3)...]
        rest = rest.prefix { $0 != "#" }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        rest = rest[authority.endIndex...]
        guard let (host, port) = Self.authority(authority, standard: scheme == "http" ? 80 : 443) else { return nil }
        let path = rest.prefix { $0 != "?" }
        guard Self.isPlain(path) else { return nil }
        self.scheme = scheme
        self.host = host
        self.port = port
        self.path = path.isEmpty ? "/" : String(path)
        query = path.endIndex == rest.endIndex ? nil : String(rest[path.endIndex...].dropFirst())
    }

    /// `host`, `host:port`, `[::1]:port`; nothing else.
    private static func authority(_ text: Substring, standard: Int) -> (String, Int)? {
        var host = text
        var port = standard
        let hostEnd = text.last == "]" ? nil : text.lastIndex(of: ":")
        if let hostEnd {
            let digits = text[text.index(after: hostEnd)...]
            guard digits.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let number = UInt16(digits), number > 0 else {
                return nil
            }
            port = Int(number)
            host = text[..<hostEnd]
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            guard host.dropFirst().dropLast().allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else {
                return nil
            }
        } else {
            guard !host.isEmpty, !host.hasPrefix("."), !host.hasSuffix("."), !host.contains(".."),
                host.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "." || $0 == "_") })
            else { return nil }
        }
        return (host.lowercased(), port)
    }

    private static func isPlain(_ path: Substring) -> Bool {
        let lower = path.lowercased()
        guard !["%2e", "%2f", "%5c", "%00"].contains(where: { lower.contains($0) }) else { return false }
        return !path.split(separator: "/").contains { $0 == "." || $0 == ".." }
    }

    /// Where a `Location` leads from here (RFC 3986 §5.2, for the forms that servers send).
    func following(_ location: String) -> PlainURL? {
        if location.hasPrefix("//") { return PlainURL(scheme + ":" + location) }
        if location.contains("://") { return PlainURL(location) }
        if location.hasPrefix("/") { return PlainURL(origin + location) }
        if location.hasPrefix("?") { return PlainURL(origin + path + location) }
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "/"
        return PlainURL(origin + folder + location)
    }

    /// Scheme, host and port.
    var origin: String { "\(scheme)://\(host):\(port)" }

    var description: String {
        let isStandard = port == (scheme == "http" ? 80 : 443)
        return scheme + "://" + host + (isStandard ? "" : ":\(port)") + path + (query.map { "?" + $0 } ?? "")
    }
}
