import Foundation
import Synchronization

/// HTTP/2 over TLS before a stand-in, which may end requests on their way (Tests/Supabase/http2.py). It ends when nobody
/// holds it any more.
public final class HTTP2Front: Sendable {
    /// What it has served so far.
    public struct Figures: Decodable, Sendable {
        public var h2: Int
        public var plain: Int
        public var connections: Int
        /// So many requests were under way at once.
        public var together: Int

        private enum CodingKeys: String, CodingKey {
            case h2, connections, together
            case plain = "http/1.1"
        }
    }

    private struct Said: Decodable {
        var good: String
        var expired: String
        var elsewhere: String
        var plain: String
        var authority: String
        var stranger: String
    }

    /// Whether this machine has what it needs.
    public static let isPossible =
        Standin.isPossible
        && ["python3/dist-packages", "python3.11/site-packages"].contains {
            FileManager.default.fileExists(atPath: "/usr/lib/\($0)/h2")
        }

    /// With a certificate that is right.
    public let good: String
    /// With one of yesterday.
    public let expired: String
    /// With one of another host.
    public let elsewhere: String
    /// Offers HTTP/1.1 only.
    public let plain: String
    /// Vouches for all of them (PEM).
    public let authority: String
    /// Vouches for none of them (PEM).
    public let stranger: String
    private let input: FileHandle
    private let output: Mutex<FileHandle>

    public init(_ standin: Standin) throws {
        let folder = #filePath.components(separatedBy: "/Tests/Fixtures/").first ?? "."
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["-B", folder + "/Tests/Supabase/http2.py", standin.url]
        (process.standardInput, process.standardOutput) = (input, output)
        Standin.keepToThisProcess(input.fileHandleForWriting)
        try process.run()
        self.input = input.fileHandleForWriting
        let said = try JSONDecoder().decode(Said.self, from: Self.line(output.fileHandleForReading))
        self.output = Mutex(output.fileHandleForReading)
        good = said.good
        expired = said.expired
        elsewhere = said.elsewhere
        plain = said.plain
        authority = said.authority
        stranger = said.stranger
    }

    deinit { try? input.close() }

    /// Harms the next requests whose path has `path` in it; the kinds are listed in http2.py.
    public func harm(_ kind: String, path: String, next: Int = 1) throws {
        _ = try obey(#"{"do": "fault", "kind": "\#(kind)", "path": "\#(path)", "next": \#(next)}"#)
    }

    /// Forgets its figures, and whom it was to harm.
    public func reset() throws { _ = try obey(#"{"do": "reset"}"#) }

    public func figures() throws -> Figures {
        try JSONDecoder().decode(Figures.self, from: obey(#"{"do": "figures"}"#))
    }

    private func obey(_ line: String) throws -> Data {
        try output.withLock { output in
            try input.write(contentsOf: Data((line + "\n").utf8))
            return try Self.line(output)
        }
    }

    private static func line(_ handle: FileHandle) throws -> Data {
        var line = Data()
        while let byte = try handle.read(upToCount: 1), !byte.isEmpty, byte.first != 0x0A { line.append(byte) }
        guard !line.isEmpty else { throw Standin.Failure(description: "http2.py has ended") }
        return line
    }
}
