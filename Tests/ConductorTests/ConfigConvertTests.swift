import Foundation
import Testing

@testable import conductor

@Suite("The old system's configuration") struct ConfigConvertTests {
    private let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "conductor-convert-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    private func old(_ text: String) throws -> String {
        let path = folder + "/config.json"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    private func read(_ name: String) throws -> String {
        try String(contentsOfFile: "\(folder)/new/\(name)", encoding: .utf8)
    }

    private static let example = """
        {"database": {"use_supabase": true, "supabase_url": "https://shop.supabase.co", "supabase_key": "top.secret.key"},
         "modem": {"port": "/dev/ttyUSB2", "baudrate": 115200}, "polling": {"interval": 5},
         "retry": {"max_retries": 3, "base_delay_seconds": 10}}
        """

    @Test("config convert moves the key to a file of mode 0600, shows it nowhere, and writes what run understands")
    func converts() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = try old(Self.example)
        let rehearsal = Program.run(
            Program.conductor, ["config", "convert", file, "--into", folder + "/new", "--dry-run"])
        #expect(rehearsal.status == 0 && !FileManager.default.fileExists(atPath: folder + "/new"))
        let run = Program.run(Program.conductor, ["config", "convert", file, "--into", folder + "/new"])
        #expect(run.status == 0, "\(run.errors)")
        #expect(!(run.output + run.errors).contains("top.secret.key"))
        #expect(run.output.contains("make a new one") && run.output.contains("modem.baudrate, polling.interval"))
        #expect(try read("supabase.key") == "top.secret.key\n")
        let mode = try FileManager.default.attributesOfItem(atPath: folder + "/new/supabase.key")[.posixPermissions]
        #expect(mode as? Int == 0o600)
        let dropIn = try read("plugins.d/20-supabase.yaml")
        #expect(dropIn.contains("enabled: true") && dropIn.contains("url: \"https://shop.supabase.co\""))
        #expect(dropIn.contains("key_file: \"\(folder)/new/supabase.key\"") && !dropIn.contains("top.secret"))
        #expect(try read("plugins.d/10-sqlite.yaml").contains("enabled: false"))
        #expect(try read("conductor.yaml").contains("max_attempts: 4"))
        let check = Program.run(Program.conductor, ["config", "check", folder + "/new/conductor.yaml"])
        #expect(check.status == 0, "\(check.errors)")
        // What is there is not written over.
        let again = Program.run(Program.conductor, ["config", "convert", file, "--into", folder + "/new"])
        #expect(again.status == 4 && again.errors.contains("there already"))
    }

    @Test("without Supabase, SQLite is enabled; what is wrong has its place, and no value is shown")
    func others() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = try old("{\"database\": {\"use_supabase\": false}}")
        #expect(Program.run(Program.conductor, ["config", "convert", file, "--into", folder + "/new"]).status == 0)
        #expect(try read("plugins.d/10-sqlite.yaml").contains("enabled: true"))
        #expect(!FileManager.default.fileExists(atPath: folder + "/new/supabase.key"))
        let wrong = try old("{\"database\": {\"supabase_key\": \"top.secret.key\",\n \"use_supabase\": \"perhaps\"}}")
        let run = Program.run(Program.conductor, ["config", "convert", wrong, "--into", folder + "/other"])
        #expect(run.status == 1 && run.errors.contains("config.json:2:"), "\(run.errors)")
        #expect(!(run.output + run.errors).contains("top.secret"))
    }
}
