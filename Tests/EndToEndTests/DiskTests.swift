import Foundation
import Glibc
import Testing

extension EndToEnd {
    @Suite("Disks") struct Disks {
        @Test("A9: (and A1) while the database cannot be used, texts are taken and answered, and arrive later")
        func storageAway() async throws {
            try await withWorld { world in
                try await world.startGateway()
                let table = try Table(path: world.database)
                try world.text(0, from: "+16195561000", "before")
                try await eventually("the first is stored, answered and settled") {
                    try table.count("delivery_status = 'delivered'") == 1
                }
                try table.close()
                // Not even root can write to a folder as if it were a file.
                let aside = world.folder + "/aside"
                try FileManager.default.createDirectory(atPath: aside, withIntermediateDirectories: false)
                for ending in ["", "-wal", "-shm"] { rename(world.database + ending, aside + "/messages.db" + ending) }
                try FileManager.default.createDirectory(atPath: world.database, withIntermediateDirectories: false)

                for number in 1...20 { try world.text(0, from: "+161955610\(number + 10)", "meanwhile \(number)") }
                try await eventually("all are answered") { try world.ledger.count("submitted") == 21 }
                try await eventually("all are taken") {
                    try world.ledger.refresh()
                    return world.ledger.unfinished.isEmpty
                }
                try await eventually("status says so", every: 100) {
                    let status = try await world.status()
                    return !status.storage.reachable && status.storage.lag >= 20
                        && (status.storage.problem ?? "").contains("messages.db")
                        && status.alarms.contains { $0.kind.hasPrefix("storage") }
                }
                report("status, storage away: \(try await world.status().storage.problem ?? "")")

                rmdir(world.database)
                for ending in ["", "-wal", "-shm"] { rename(aside + "/messages.db" + ending, world.database + ending) }
                let start = now()
                try await eventually("all have arrived", every: 20) {
                    try Table(path: world.database).count("delivery_status = 'delivered'") == 21
                }
                report(String(format: "storage is back: %.1f s until it has all", (now() - start) / 1_000))
                var oracle = try Oracle(world)
                oracle.expectStoredOnce()
                oracle.expectAnsweredOnce()
                try oracle.expectSentOnce(unknownAtMost: 0)
                try await eventually("the alarm is over", every: 100) {
                    let status = try await world.status()
                    return status.alarms.isEmpty && status.storage.reachable && status.storage.lag == 0
                }
            }
        }

        @Test(
            "Decision 5: a start that finds the disk full says so and takes nothing away: the next one goes on",
            .enabled(if: geteuid() == 0, "only root can mount a small disk"))
        func startOnFullDisk() async throws {
            try await withWorld { world in
                let disk = world.folder + "/disk"
                try await world.mount(disk, megabytes: 48)
                world.state = disk
                try world.drop("10-sqlite", "plugin: sqlite\nsettings: {path: \(world.folder)/messages.db}\n")
                try await world.startGateway()
                #expect(try await world.command("send", "+16195561000", "tomorrow", "--at", "+1d").status == 0)
                // What a crash leaves is in the log, and the log is all that says so.
                for number in 1...40 { try world.text(0, from: "+161955620\(number + 10)", "hello \(number)") }
                let table = try Table(path: world.folder + "/messages.db")
                try await eventually("all are answered") { try table.count("delivery_status = 'delivered'") == 40 }
                // A second life, so that the file has room for all that is in its log: a closing could take that in.
                try world.killGateway()
                try await world.startGateway()
                try world.killGateway()
                try Self.fill(disk, file: "filler")
                try world.launchGateway()
                try await eventually("it ends", within: 60) { world.gateway?.isRunning == false }
                #expect(world.gateway?.status == 1 && world.gatewayLog.contains("full"), "\(world.gatewayLog)")
                unlink("\(disk)/filler")
                try await world.startGateway()
                #expect(try await world.status().alarms.isEmpty)
                #expect(try table.count("content = 'tomorrow' AND delivery_status = 'sending'") == 1)
                try world.text(0, from: "+16195562000", "and again")
                try await eventually("it is answered") { try table.count("delivery_status = 'delivered'") == 41 }
            }
        }

        @Test(
            "Decision 5: while the journal's disk is full, nothing is deleted and nothing is sent",
            .enabled(if: geteuid() == 0, "only root can mount a small disk"))
        func journalFull() async throws {
            try await withWorld { world in
                let disk = world.folder + "/disk"
                let kept = world.folder + "/kept"
                try FileManager.default.createDirectory(atPath: kept, withIntermediateDirectories: false)
                try await world.mount(disk, megabytes: 256)
                world.state = disk
                try world.drop("10-sqlite", "plugin: sqlite\nsettings: {path: \(kept)/messages.db}\n")
                try await world.startGateway()
                try world.text(0, from: "+16195561000", "before")
                let table = try Table(path: kept + "/messages.db")
                try await eventually("it works") { try table.count("delivery_status = 'delivered'") == 1 }

                // What room is left, and what the gateway then gives up, is taken until nothing can be committed.
                var number = 0
                try await eventually("the alarm is raised", within: 120, every: 20) {
                    try Self.fill(disk, file: "filler-\(number)")
                    number += 1
                    try world.text(0, from: "+16195562000", "filling \(number)")
                    return try await world.status().alarms.contains { $0.kind == "journal" }
                }
                let alarm = try await world.status().alarms.first { $0.kind == "journal" }
                report("status, journal full: \(alarm?.message ?? "")")
                #expect(alarm?.message.contains("full") == true)
                #expect(!FileManager.default.fileExists(atPath: disk + "/journal.ballast"), "the ballast goes first")

                let (deleted, submitted) = (try world.ledger.count("deleted"), try world.ledger.count("submitted"))
                for text in 1...10 { try world.text(0, from: "+161955630\(text + 10)", "kept \(text)") }
                try table.queue((1...5).map { ("+1619556400\($0)", "held \($0)") })
                // Read and not deleted, again and again: that is how long we look.
                try await eventually("the gateway tries again", within: 60, every: 20) {
                    try world.ledger.refresh()
                    var reads: [Int: Int] = [:]
                    for event in world.ledger.events where ["listed", "read"].contains(event.event) {
                        reads[event.id ?? 0, default: 0] += 1
                    }
                    return reads.values.contains { $0 >= 3 }
                }
                #expect(try world.ledger.count("deleted") == deleted)
                #expect(try world.ledger.count("submitted") == submitted)
                let (code, said) = try await world.command("send", "+16195561111", "now?")
                #expect(code != 0 && said.contains("journal"), "\(said)")

                for file in 0..<number { unlink("\(disk)/filler-\(file)") }
                let start = now()
                try await eventually("all goes on", within: 120, every: 50) {
                    try world.ledger.refresh()
                    let texts = Set(world.ledger.arrived.compactMap(\.id)).count
                    return try world.ledger.unfinished.isEmpty
                        && table.count("direction = 'inbound'") == texts
                        && table.count("delivery_status = 'delivered'") == texts + 5
                }
                report(String(format: "there is room again: %.1f s until all is done", (now() - start) / 1_000))
                var oracle = try Oracle(world, database: kept + "/messages.db")
                oracle.expectStoredOnce()
                oracle.expectAnsweredOnce()
                try oracle.expectSentOnce(unknownAtMost: 0)
                try await eventually("the alarm is over", every: 100) {
                    try await !world.status().alarms.contains { $0.kind == "journal" }
                }
            }
        }

        /// Takes all room that the file system has.
        private static func fill(_ folder: String, file: String) throws {
            var room = statvfs()
            guard statvfs(folder, &room) == 0 else { throw Failure("no such disk") }
            let bytes = Int(room.f_bavail) * Int(room.f_frsize)
            guard bytes > 0 else { return }
            let descriptor = open("\(folder)/\(file)", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { return }
            posix_fallocate(descriptor, 0, bytes)
            close(descriptor)
        }
    }
}
