import Foundation
import PluginKit
import Testing

@testable import PluginHost

/// A start goes by what the last one found, as long as the files are the same and that one came to its end.
@Suite(.enabled(if: CFixture.compiler != nil, "no C compiler: fixtures cannot be built"), .timeLimit(.minutes(2)))
struct KnownLibraryTests {
    private let workshop: Workshop
    private let worker: String
    private var copies: String { workshop.folder + "/copies" }

    init() throws {
        workshop = try Workshop()
        worker = try workshop.killedWorker(0..<0)
    }

    /// Starts, looks whether the plugins answer, and stops.
    private func run(answer: String = "10-good: hi") async throws {
        let host = await workshop.started { $0.workerPath = worker }
        #expect(host.reports.allSatisfy { $0.problem == nil }, "\(host.reports.compactMap(\.problem))")
        #expect(try await host.responders[0].respond(to: text("hi")).text == answer)
        await host.stop()
    }

    /// Processes in which a library was tried so far.
    private var tries: Int {
        (try? String(contentsOfFile: workshop.folder + "/processes", encoding: .utf8).count) ?? 0
    }

    /// What the file says of each library.
    private var trust: [String] {
        let words = (try? String(contentsOfFile: copies + "/libraries", encoding: .utf8)) ?? ""
        return words.split(separator: "\n").dropFirst().map { String($0.split(separator: " ")[2]) }
    }

    @Test func whatDidNoHarmIsNotTriedApartAgainUntilItIsAnother() async throws {
        try workshop.add("10-good")
        try await run()
        #expect(tries == 1)
        try await run()
        #expect(tries == 1)
        // The same name, another content.
        _ = try CFixture.build("10-good", ["VERSION=2"], in: workshop.folder)
        try await run(answer: "10-good 2: hi")
        #expect(tries == 2)
    }

    @Test func aStartThatDidNotComeToItsEndLeavesNoTrust() async throws {
        try workshop.add("10-good")
        try await run()
        // It hangs for two seconds while it is made.
        try workshop.add("20-slow", ["CREATE_HANGS"], more: "deadline_ms: 10000\n")
        async let running = workshop.started { $0.workerPath = worker }
        #expect(await eventually { trust == ["untried"] })
        let host = await running
        #expect(host.reports.allSatisfy { $0.problem == nil })
        #expect(trust == ["harmless", "harmless"])
        await host.stop()
        let before = tries
        var known = KnownLibraries(in: copies)
        known.write(in: copies, loading: true)
        try await run()
        #expect(tries == before + 2)
    }

    @Test(arguments: ["", "nonsense\n1.2.3 x harmless /tmp/x\n", "\u{0}\n\n\n"])
    func aFileThatSaysNothingCostsTimeOnly(words: String) async throws {
        try workshop.add("10-good")
        try await run()
        try words.write(toFile: copies + "/libraries", atomically: true, encoding: .utf8)
        try await run()
        #expect(tries == 2)
    }

    @Test func aCopyThatIsGoneIsMadeAgain() async throws {
        try workshop.add("10-good")
        try await run()
        for name in try FileManager.default.contentsOfDirectory(atPath: copies) where name.hasSuffix(".so") {
            try FileManager.default.removeItem(atPath: "\(copies)/\(name)")
        }
        try await run()
        #expect(tries == 1)
    }

    @Test func whatAnotherProgramFoundHarmlessIsTried() async throws {
        try workshop.add("10-good")
        try await run()
        var lines = try String(contentsOfFile: copies + "/libraries", encoding: .utf8).components(separatedBy: "\n")
        lines[0] = "1.2.3.4.5.6.7"
        try lines.joined(separator: "\n").write(toFile: copies + "/libraries", atomically: true, encoding: .utf8)
        try await run()
        #expect(tries == 2)
    }
}
