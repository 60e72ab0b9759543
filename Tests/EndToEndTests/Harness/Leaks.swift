import Foundation

/// Secrets that were planted, and whether any piece of one is in something: as it is, in Base64, in hex, as in a URL and as
/// in JSON.
struct Leaks {
    /// What is shorter than this piece of a secret tells nobody anything.
    private static let piece = 12

    /// The secret's name by the pieces of all its forms.
    private var pieces: [[UInt8]: String] = [:]
    /// By the first four octets, whether a piece may begin so: most places are passed by this alone.
    private var beginnings = [Bool](repeating: false, count: 1 << 20)
    /// Lengths of secrets that are no longer than a piece.
    private var short: Set<Int> = []

    /// A key that nobody had before, of letters and digits.
    static func key(_ prefix: String = "", length: Int = 40) -> String {
        let letters = Array("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789")
        return prefix + String((0..<length).map { _ in letters.randomElement() ?? "x" })
    }

    /// A JWT that nobody has signed.
    static func token() -> String {
        let claims = Data(#"{"role":"gateway","gateway_id":"end-to-end","nonce":"\#(key())"}"#.utf8)
        let plain = claims.base64EncodedString().replacingOccurrences(of: "=", with: "")
        return "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.\(plain).\(key(length: 43))"
    }

    /// - Parameter secret: of a token, all but its head, which says nothing.
    mutating func plant(_ name: String, _ secret: String) {
        let parts = secret.hasPrefix("eyJ") ? secret.split(separator: ".").dropFirst().map(String.init) : [secret]
        for part in parts { plant(name, Array(part.utf8)) }
    }

    mutating func plant(_ name: String, _ secret: [UInt8]) {
        let hex = secret.map { String(UInt16($0) + 256, radix: 16).dropFirst() }
        var forms = [secret, Array(hex.joined().utf8), Array(hex.joined().uppercased().utf8)]
        for shift in 0..<3 {
            // What stands before it decides where its letters begin.
            let text = Data(secret.dropFirst(shift)).base64EncodedString()
            forms.append(Array(text.utf8.prefix((secret.count - shift) / 3 * 4)))
        }
        if let text = String(bytes: secret, encoding: .utf8) {
            let escaped = text.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"")
            forms.append(Array(escaped.utf8))
            forms.append(Array(escaped.replacingOccurrences(of: "/", with: "\\/").utf8))
            let url = text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? text
            forms.append(Array(url.utf8))
            forms.append(hex.flatMap { Array("%\($0)".utf8) })
        }
        for form in forms {
            let length = min(Self.piece, form.count)
            guard length > 3 else { continue }
            for start in 0...(form.count - length) {
                var piece = Array(form[start..<start + length])
                beginnings[Self.place(piece[0], piece[1], piece[2], piece[3])] = true
                // Short secrets are looked for whole, behind what all pieces have the length of.
                while piece.count < Self.piece { piece.append(0) }
                pieces[piece] = name
                if length < Self.piece { short.insert(length) }
            }
        }
    }

    private static func place(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) -> Int {
        let word = UInt32(a) | UInt32(b) << 8 | UInt32(c) << 16 | UInt32(d) << 24
        return Int((word &* 2_654_435_761) >> 12)
    }

    /// The names of the secrets that something of is in it.
    func found(in data: Data) -> Set<String> {
        var found: Set<String> = []
        data.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) in
            var at = 0
            while at + 3 < bytes.count {
                defer { at += 1 }
                guard beginnings[Self.place(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3])] else { continue }
                for length in [Self.piece] + short where at + length <= bytes.count {
                    var piece = Array(bytes[at..<at + length])
                    while piece.count < Self.piece { piece.append(0) }
                    if let name = pieces[piece] { found.insert(name) }
                }
            }
        }
        return found
    }

    func found(in text: String) -> Set<String> { found(in: Data(text.utf8)) }

    /// As `journal.db: service key`, for every file below a folder but libraries.
    func found(inFolder folder: String) throws -> Set<String> {
        var found: Set<String> = []
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder) where !name.hasSuffix(".so") {
            let path = "\(folder)/\(name)"
            guard try FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType == .typeRegular,
                let data = FileManager.default.contents(atPath: path)
            else { continue }
            for secret in self.found(in: data) { found.insert("\(name): \(secret)") }
        }
        return found
    }

    /// As `123 python3: token`, for the arguments and the variables of a process and all that it has started.
    func found(inProcess pid: Int32) -> Set<String> {
        var found: Set<String> = []
        let name = (try? String(contentsOfFile: "/proc/\(pid)/comm", encoding: .utf8)) ?? ""
        for place in ["cmdline", "environ"] {
            let data = FileManager.default.contents(atPath: "/proc/\(pid)/\(place)") ?? Data()
            for secret in self.found(in: data) {
                found.insert("\(place) of \(name.trimmingCharacters(in: .whitespacesAndNewlines)): \(secret)")
            }
        }
        return Self.children(of: pid).reduce(into: found) { $0.formUnion(self.found(inProcess: $1)) }
    }

    static func children(of pid: Int32) -> [Int32] {
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
        return threads.flatMap { thread -> [Int32] in
            let list = try? String(contentsOfFile: "/proc/\(pid)/task/\(thread)/children", encoding: .utf8)
            return (list ?? "").split(separator: " ").compactMap { Int32($0) }
        }
    }
}
