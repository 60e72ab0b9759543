import Foundation
import GRDB
import PluginHost
import PluginKit
import SupabaseStandin
import Testing

@testable import GatewayCore

/// After a switch, the storage that was left behind has everybody's texts still.
@Suite("Storages that do not serve", .timeLimit(.minutes(3)))
struct LeftStorageTests {
    private static let person = "+16195550177"
    private static let other = "+16195550188"
    private static let words = "Quokka zebra 7731 jumping"
    private static let othersWords = "Walrus violin 4452 sleeping"

    private static func texts(at now: Timestamp) -> [Message] {
        (0..<6).map { number in
            let isOthers = number % 3 == 2
            return Message(
                uid: "01900000-0000-7000-8000-00000000000\(number)", storageID: nil, direction: .inbound,
                phone: isOthers ? other : person, content: "\(isOthers ? othersWords : words) \(number)",
                status: .unread,
                timestamp: Timestamp(milliseconds: now.milliseconds - 60_000 + Int64(number)))
        }
    }

    /// Both people have texts, and the person has said STOP; then the other storage serves.
    private func fill(_ gateway: Gateway, andSwitchTo name: String) async throws {
        try await gateway.host.storage?.put(Self.texts(at: gateway.clock.now))
        _ = try await gateway.addOptOut(.init(number: Self.person, reason: Self.words, by: "test"))
        #expect(
            try await reached {
                try gateway.journal.read { try $0.first("SELECT 1 FROM consent WHERE stored = 0") } == nil
            })
        let report = try await gateway.switchStorage(StorageSwitchRequest(name: name))
        #expect(report.copied == 6 && report.texts == 6)
    }

    private func traces(_ plain: PlainGateway) throws -> Set<String> {
        try plain.files(with: "6195550177", Self.words)
    }

    private func move(_ name: String, from folder: String, to other: String) throws {
        let files = FileManager.default
        try files.createDirectory(atPath: other, withIntermediateDirectories: true)
        for file in try files.contentsOfDirectory(atPath: folder) where file.hasPrefix(name) {
            try files.moveItem(atPath: "\(folder)/\(file)", toPath: "\(other)/\(file)")
        }
    }

    @Test("decision 10: who is erased is in no byte of the storage that was left, either; nobody else is touched")
    func erased() async throws {
        let plain = try PlainGateway.withTwoFiles()
        try await plain.run { gateway in
            try await fill(gateway, andSwitchTo: "second")
            #expect(try Set(traces(plain).map { $0.prefix(6) }).isSuperset(of: ["first.", "second"]))
            let counted = try await gateway.eraseContact(Self.person, dryRun: true)
            #expect(counted.texts == 8 && counted.storages?.map(\.texts) == [4, 4])
            let report = try await gateway.eraseContact(Self.person, dryRun: false)
            #expect(report.isFinished && report.texts == 8 && report.staysOptedOut, "\(report.waitsFor ?? "")")
            #expect(report.storages?.map(\.dropIn) == ["20-second.yaml", "10-first.yaml"])
            #expect(report.storages?.map(\.serves) == [true, false])
            #expect(try traces(plain) == [])
            for name in ["first.db", "second.db"] {
                let file = try DatabaseQueue(path: "\(plain.folder)/\(name)")
                let left = try await file.read {
                    try String.fetchAll($0, sql: "SELECT content FROM messages ORDER BY id")
                }
                #expect(left == [2, 5].map { "\(Self.othersWords) \($0)" })
                try file.close()
            }
            let back = try await gateway.switchStorage(StorageSwitchRequest(name: "first"))
            #expect(back.texts == 2)
            #expect(try traces(plain) == [])
        }
    }

    @Test("a person is shown what each storage has, each text once")
    func shown() async throws {
        let plain = try PlainGateway.withTwoFiles()
        try await plain.run { gateway in
            try await fill(gateway, andSwitchTo: "second")
            let file = try DatabaseQueue(path: plain.folder + "/first.db")
            try await file.write {
                try $0.execute(
                    sql: """
                        INSERT INTO messages (phone_number, content, direction, status, timestamp)
                        VALUES ('(619) 555-0177', 'only there', 'outbound', 'sent', '2025-01-03T10:22:33.000Z')
                        """)
            }
            try file.close()
            let record = try await gateway.contact(Self.person)
            #expect(record.texts.count == 5 && record.texts.first?.content == "only there")
            #expect(record.consent.count == 1 && record.isOptedOut)
            #expect(record.storages?.map(\.texts) == [4, 5] && record.storages?.map(\.serves) == [true, false])
            #expect(record.storages?.last?.location.hasSuffix("/first.db") == true)
        }
    }

    @Test(
        "a file that is missing: the command says so, the erasure waits sealed, and is done before the file serves again"
    )
    func missing() async throws {
        let plain = try PlainGateway.withTwoFiles()
        let away = plain.folder + "-away"
        defer { try? FileManager.default.removeItem(atPath: away) }
        try await plain.run { try await fill($0, andSwitchTo: "second") }
        try move("first.db", from: plain.folder, to: away)
        try await plain.run { gateway in
            let report = try await gateway.eraseContact(Self.person, dryRun: false)
            #expect(!report.isFinished && report.texts == 4)
            let why = try #require(report.waitsFor)
            #expect(why.contains("/first.db is not there") && why.contains("conductor storage forget"), "\(why)")
            #expect(report.storages?.last?.problem?.contains("is not there") == true)
            #expect(!FileManager.default.fileExists(atPath: plain.folder + "/first.db"), "no file is made")
            #expect(gateway.alarms.stands("contact.erasure"))
            // What is remembered is sealed.
            #expect(try traces(plain) == [])
        }
        try await plain.run { gateway in
            #expect(try await reached { gateway.alarms.stands("contact.erasure") }, "it waits after a restart, too")
            try move("first.db", from: away, to: plain.folder)
            #expect(try !traces(plain).isEmpty)
            let report = try await gateway.switchStorage(StorageSwitchRequest(name: "first"))
            #expect(report.texts == 2 && report.copiedBack == 0, "the person is not copied back")
            #expect(try traces(plain) == [])
            #expect(try await reached { !gateway.alarms.stands("contact.erasure") })
        }
    }

    @Test("one that comes to serve by hand is clean before it is used; one that is gone for good is forgotten")
    func byHand() async throws {
        let plain = try PlainGateway.withTwoFiles()
        let away = plain.folder + "-away"
        defer { try? FileManager.default.removeItem(atPath: away) }
        try await plain.run { try await fill($0, andSwitchTo: "second") }
        try move("first.db", from: plain.folder, to: away)
        try await plain.run { _ = try await $0.eraseContact(Self.person, dryRun: false) }
        try move("first.db", from: away, to: plain.folder)
        try plain.drop("20-second", "plugin: sqlite\nenabled: false\nsettings: {path: second.db}\n")
        try plain.drop("10-first", "plugin: sqlite\nsettings: {path: first.db}\n")
        try await plain.run { _ in
            let isClean = try await reached { try traces(plain) == [] }
            #expect(isClean)
        }
        try move("second.db", from: plain.folder, to: away)
        try await plain.run { gateway in
            let report = try await gateway.eraseContact(Self.other, dryRun: false)
            #expect(!report.isFinished && report.texts == 2)
            let wrong = StorageForgetRequest(location: "/nowhere.db")
            let refusal = await #expect(throws: GatewayError.self) { try await gateway.forgetStorage(wrong) }
            #expect(refusal?.message.contains(plain.folder + "/second.db") == true)
            let request = StorageForgetRequest(location: plain.folder + "/second.db")
            #expect(try await gateway.forgetStorage(request).erasures == 1)
            #expect(try await reached { !gateway.alarms.stands("contact.erasure") })
            let again = try await gateway.eraseContact(Self.other, dryRun: false)
            #expect(again.isFinished && again.storages?.count == 1)
        }
    }

    @Test("a backup is taken of the storage that does not serve, when it is asked for")
    func backedUp() async throws {
        let plain = try PlainGateway.withTwoFiles()
        try await plain.run { gateway in
            try await fill(gateway, andSwitchTo: "second")
            let report = try await gateway.backup(BackupRequest(storage: "first"))
            let file = try #require(report.manifest.files.first { $0.name == "messages.db" })
            #expect(file.path == plain.folder + "/first.db" && file.rows["messages"] == 6)
            let usual = try await gateway.backup(BackupRequest())
            #expect(usual.manifest.files.contains { $0.path == plain.folder + "/second.db" })
            // Both copies are cleaned, too.
            let erased = try await gateway.eraseContact(Self.person, dryRun: false)
            #expect(erased.copies == 2 && erased.isFinished)
            #expect(try traces(plain) == [])
            let none = await #expect(throws: GatewayError.self) {
                try await gateway.backup(BackupRequest(storage: "third"))
            }
            #expect(none?.code == .invalid)
        }
    }

    @Test(
        "decision 10: a project that was left is clean, too; one that is away waits, and is clean when it is back",
        .enabled(if: Standin.isPossible))
    func project() async throws {
        try await SupabaseGateway.run(over: .migrated) { gateway, standin in
            let plugins = gateway.options.plugins.pluginsFolder
            let settings = "\(plugins)/20-supabase.yaml"
            try "plugin: sqlite\nenabled: false\nsettings: {path: messages.db}\n".write(
                toFile: "\(plugins)/10-sqlite.yaml", atomically: true, encoding: .utf8)
            try await fill(gateway, andSwitchTo: "sqlite")
            func count(_ phone: String) throws -> [String] {
                try ["messages", "optouts"].map {
                    try standin.psql("select count(*) from public.\($0) where phone_e164 = '\(phone)'")
                        .trimmingCharacters(in: .whitespacesAndNewlines)
                }
            }
            #expect(try count(Self.person) == ["4", "1"])
            let refusal = await #expect(throws: GatewayError.self) {
                try await gateway.backup(BackupRequest(storage: "supabase"))
            }
            #expect(refusal?.message.contains("no file of this machine") == true)
            let report = try await gateway.eraseContact(Self.person, dryRun: false)
            #expect(report.isFinished && report.texts == 8, "\(report.waitsFor ?? "")")
            #expect(try count(Self.person) == ["0", "0"] && count(Self.other) == ["2", "0"])

            let written = try String(contentsOfFile: settings, encoding: .utf8)
            let away = written.replacing(standin.url, with: "http://127.0.0.1:9")
            try away.write(toFile: settings, atomically: true, encoding: .utf8)
            let waiting = try await gateway.eraseContact(Self.other, dryRun: false)
            #expect(!waiting.isFinished && waiting.texts == 2)
            #expect(waiting.waitsFor?.contains("Supabase \(standin.url)") == true, "\(waiting.waitsFor ?? "")")
            #expect(try count(Self.other) == ["2", "0"])
            try written.write(toFile: settings, atomically: true, encoding: .utf8)
            _ = await gateway.host.reload()
            #expect(try await reached { try count(Self.other) == ["0", "0"] })
            #expect(try await reached { !gateway.alarms.stands("contact.erasure") })
        }
    }
}
