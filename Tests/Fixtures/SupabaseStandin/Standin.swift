import Foundation
import Glibc
import Synchronization

/// The Supabase to test against (Tests/Supabase), one for all tests of a process: a real PostgreSQL behind a server that
/// answers as Supabase's REST API does. It ends with this process.
public final class Standin: Sendable {
    /// What a test begins with.
    public enum Contents: String, Sendable, CaseIterable {
        /// The six tables of the old system, of which other programs leave out what they like.
        case oldTables = "old"
        /// The same with the additive steps of the migration, and a clock that can be put forward.
        case migrated
        /// And the lock-down.
        case lockedDown = "locked"
    }

    /// What went wrong with it, in words.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    private struct Environment: Decodable {
        var url: String
        var anon_key: String
        var service_key: String
        var sb_secret_key: String
        var sb_publishable_key: String
        var dsn: String
        var control: String
        var certificate: String?
    }

    private static let folder = (#filePath.components(separatedBy: "/Tests/Fixtures/").first ?? ".")
    private static let started = Mutex<Result<Standin, any Error>?>(nil)

    /// Whether this machine has what it needs; `CONDUCTOR_POSTGRES` names another version than 15, or a folder.
    public static let isPossible: Bool = {
        let wanted = ProcessInfo.processInfo.environment["CONDUCTOR_POSTGRES"].flatMap { $0.isEmpty ? nil : $0 } ?? "15"
        let folder = wanted.contains("/") ? wanted : "/usr/lib/postgresql/\(wanted)/bin"
        return ["/usr/bin/python3", folder + "/postgres"].allSatisfy {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }()

    /// Of this process; started at the first use.
    public static func shared() throws -> Standin {
        try started.withLock { started in
            if started == nil { started = Result { try Standin() } }
            guard let result = started else { throw Failure(description: "there is no stand-in") }
            return try result.get()
        }
    }

    /// A second one that speaks TLS; it ends when nobody holds it any more. Its certificate is trusted by nobody else.
    public static func overTLS() throws -> Standin { try Standin(words: ["--tls"]) }

    /// One of a test's own, beside all others: whoever breaks it harms nobody. It ends with `end`, or when nobody holds it
    /// any more.
    public static func own(_ contents: Contents) throws -> Standin {
        let standin = try Standin()
        try standin.reset(to: contents)
        return standin
    }

    public let url: String
    /// What vouches for it (PEM), where it speaks TLS.
    public let certificate: String?
    /// The JWT that may do anything.
    public let serviceKey: String
    public let anonKey: String
    /// The keys of the new kind.
    public let secretKey: String
    public let publishableKey: String
    private let dsn: String
    private let control: String
    private let lockedDown = Mutex(false)
    /// It ends when this is closed.
    private let input: Pipe

    private init(words: [String] = []) throws {
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["\(Self.folder)/Tests/Supabase/run.py"] + words
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        var line = Data()
        while let byte = try output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty, byte.first != 0x0A {
            line.append(byte)
        }
        let environment = try JSONDecoder().decode(Environment.self, from: line)
        url = environment.url
        serviceKey = environment.service_key
        anonKey = environment.anon_key
        secretKey = environment.sb_secret_key
        publishableKey = environment.sb_publishable_key
        dsn = environment.dsn
        control = environment.control
        certificate = environment.certificate
        self.input = input
        Self.keepToThisProcess(input.fileHandleForWriting)
        try makeContents()
    }

    /// It ends; nothing of it is left.
    public func end() { try? input.fileHandleForWriting.close() }

    /// Children that are started meanwhile must not hold it open.
    static func keepToThisProcess(_ handle: FileHandle) {
        _ = fcntl(handle.fileDescriptor, F_SETFD, FD_CLOEXEC)
    }

    /// Each of `Contents` once; tests take copies.
    private func makeContents() throws {
        try psql(
            """
            alter table public.messages alter phone_number drop not null, alter content drop not null;
            alter table public.messages alter "timestamp" drop not null
            """)
        try copy(as: .oldTables)
        for number in 1...99 { try apply(number) }
        try psql(
            """
            create table private.test_clock (ahead interval not null);
            insert into private.test_clock values ('0');
            create or replace function private.conductor_now() returns timestamptz
            language sql volatile set search_path = '' as
            $$ select pg_catalog.clock_timestamp() + ahead from private.test_clock $$
            """)
        try copy(as: .migrated)
    }

    /// Runs a step of the migration by its number; none there is none to run.
    public func apply(_ step: Int) throws {
        let folder = "\(Self.folder)/Sources/Plugins/SupabaseStorage/SQL"
        let prefix = String(repeating: "0", count: max(0, 3 - "\(step)".count)) + "\(step)-"
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasPrefix(prefix) {
            try run("psql", ["-qAtX", "-v", "ON_ERROR_STOP=1", "-d", dsn, "-f", "\(folder)/\(name)"])
        }
    }

    private func copy(as contents: Contents) throws {
        try control("POST", "database", #"{"action": "snapshot", "name": "\#(contents.rawValue)"}"#)
    }

    /// Everything as at the start, and nothing goes wrong.
    public func reset(to contents: Contents) throws {
        try control("DELETE", "faults")
        if contents == .lockedDown,
            lockedDown.withLock({ isMade in
                defer { isMade = true }; return !isMade
            })
        {
            try control("POST", "database", #"{"action": "reset", "snapshot": "migrated"}"#)
            for number in [100, 101] { try apply(number) }
            try copy(as: .lockedDown)
        }
        try control("POST", "database", #"{"action": "reset", "snapshot": "\#(contents.rawValue)"}"#)
        try control("DELETE", "counters")
    }

    /// Runs SQL as the project's owner; what its queries answered.
    @discardableResult
    public func psql(_ sql: String) throws -> String {
        try run("psql", ["-qAtX", "-v", "ON_ERROR_STOP=1", "-d", dsn, "-c", sql])
    }

    /// As `psql`, again and again.
    public func session() throws -> SQLSession { try SQLSession(dsn: dsn) }

    /// Asks the control (Tests/Supabase/README.md); JSON.
    @discardableResult
    public func control(_ method: String, _ name: String, _ body: String? = nil) throws -> String {
        var words = ["-sSk", "--fail-with-body", "-X", method, "\(control)/\(name)"]
        if let body { words += ["-d", body] }
        return try run("curl", words)
    }

    /// Requests since the last reset.
    public func requests() throws -> Int {
        struct Counters: Decodable { var total: Int }
        return try JSONDecoder().decode(Counters.self, from: Data(control("GET", "counters").utf8)).total
    }

    /// A token with these claims.
    public func mint(_ claims: String, lifetime: Int = 3600) throws -> String {
        struct Minted: Decodable { var token: String }
        let answer = try control("POST", "mint", #"{"claims": \#(claims), "lifetime": \#(lifetime)}"#)
        return try JSONDecoder().decode(Minted.self, from: Data(answer.utf8)).token
    }

    @discardableResult
    private func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        let (output, errors) = (Pipe(), Pipe())
        (process.standardOutput, process.standardError) = (output, errors)
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let problem = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(description: "\(program): \(text)\(problem)") }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
