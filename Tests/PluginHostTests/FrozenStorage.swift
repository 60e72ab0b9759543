import Foundation
import PluginKit
import PluginTestKit
import Testing

@testable import PluginHost

/// The storage in C of Tests/Fixtures/storage-1.0, behind a host. Other programs, and time, are lines in its file.
struct FrozenStorage: StorageRig {
    private static let fixture = CFixture.root.appendingPathComponent("Tests/Fixtures/storage-1.0").path
    private static let sources = ["memory.c", "texts.c", "storage.c"]
    private static let headers = [
        "conductor_plugin.h", "conductor_services.h", "conductor_storage.h", "conductor_crm.h",
    ]

    let storage: Hosted
    let clock: TestClock
    private let foreign: String

    /// Starts it, empty.
    init(_ library: String, _ isolation: String) async throws {
        let workshop = try Workshop()
        let foreign = workshop.folder + "/foreign-rows"
        try workshop.write(
            "10-memory.yaml",
            """
            plugin: \(library)
            isolation: \(isolation)
            grants: [log, clock, {files: {read: [\(workshop.folder)]}}]

            """)
        self.foreign = foreign
        storage = Hosted(workshop)
        clock = TestClock { milliseconds in
            do {
                try Self.append("later\t\(milliseconds)", to: foreign)
            } catch {
                Issue.record(error)
            }
        }
        try await storage.start()
    }

    /// Compiles it with the headers that were frozen with it, or with today's.
    static func build(in folder: String, todaysHeaders: Bool = false) throws -> String {
        let library = "\(folder)/memory.so"
        try compile(fixture, headers: todaysHeaders ? CFixture.include : fixture + "/include", to: library)
        return library
    }

    /// Compiles it as if the contract, or the storage, had been another: each pair replaces a text in headers or sources.
    ///
    /// - Throws: when a text is not there.
    static func build(in folder: String, replacing changes: [(String, String)]) throws -> String {
        let names = headers.map { "include/" + $0 } + sources + ["memory.h"]
        var texts = try names.map { try String(contentsOfFile: "\(fixture)/\($0)", encoding: .utf8) }
        for (old, new) in changes {
            guard texts.contains(where: { $0.contains(old) }) else {
                throw CocoaError(.formatting, userInfo: [NSLocalizedDescriptionKey: old])
            }
            texts = texts.map { $0.replacingOccurrences(of: old, with: new) }
        }
        let place = "\(folder)/another"
        try FileManager.default.createDirectory(atPath: place + "/include", withIntermediateDirectories: true)
        for (name, text) in zip(names, texts) {
            try text.write(toFile: "\(place)/\(name)", atomically: true, encoding: .utf8)
        }
        try compile(place, headers: place + "/include", to: place + "/memory.so")
        return place + "/memory.so"
    }

    private static func compile(_ place: String, headers: String, to library: String) throws {
        try CFixture.compile(sources.map { "\(place)/\($0)" } + ["-I", headers], to: library)
    }

    func insertForeign(phone: String?, content: String?) throws {
        try Self.append("row\t\(phone ?? #"\N"#)\t\(content ?? #"\N"#)", to: foreign)
    }

    func name(sim: String, in content: String) throws -> Bool {
        try Self.append("sim\t\(sim)\t\(content)", to: foreign)
        return true
    }

    private static func append(_ line: String, to path: String) throws {
        guard let file = fopen(path, "a") else { throw CocoaError(.fileWriteUnknown) }
        fputs(line + "\n", file)
        guard fclose(file) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }
}
