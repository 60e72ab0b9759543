import Foundation
import Testing

@Suite("The torture build and all others") struct BuildTests {
    private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Sources")

    private static func places() throws -> [String] {
        var found: [String] = []
        let walk = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
        while let file = walk?.nextObject() as? URL {
            guard file.pathExtension == "swift" else { continue }
            let text = try String(contentsOf: file, encoding: .utf8)
            found += text.matches(of: /CrashPoint\.reached\("([^"]+)"\)/).map { String($0.1) }
        }
        return found
    }

    @Test("the harness knows every crash point, and each is in one place")
    func places() throws {
        let found = try Self.places()
        #expect(found.sorted() == CrashPlaces.all.sorted())
    }

    @Test("an ordinary build has no crash points and no safeguards to switch off")
    func ordinaryBuild() throws {
        for program in ["conductor", "conductor-worker"] {
            let data = try Data(contentsOf: URL(fileURLWithPath: World.programs + "/" + program))
            #expect(!data.isEmpty)
            for word in Self.words { #expect(data.range(of: Data(word.utf8)) == nil, "\(program) has \(word)") }
        }
    }

    @Test("the torture build has them", .enabled(if: TortureBuild.isThere, Comment(rawValue: TortureBuild.absence)))
    func tortureBuild() throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: TortureBuild.conductor()))
        for word in Self.words { #expect(data.range(of: Data(word.utf8)) != nil, "no \(word)") }
    }

    /// Variables and names that only that build reads. Names of 15 bytes and less are no data: they stand in the code.
    private static let words =
        [
            "CONDUCTOR_CRASH_AT", "CONDUCTOR_CRASH_LOG", "CONDUCTOR_SAFEGUARDS_OFF", "CONDUCTOR_TEMPO",
            "CONDUCTOR_CLOCK_RATE",
        ]
        + CrashPlaces.all.filter { $0.utf8.count > 15 }
}
