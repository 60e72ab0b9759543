import Foundation
import Glibc
import Testing

extension EndToEnd {
    @Suite("Durability") struct Durability {
        /// Whether strace is there and may watch a child.
        static func canTrace() async -> Bool {
            let ended = try? await ChildProcess.run(
                "strace", ["-f", "-e", "trace=none", "-o", "/dev/null", "true"], in: "/tmp")
            return ended?.0 == 0
        }

        @Test(
            "A1 B1: the journal is on the disk before every AT+CMGD and before every PDU",
            .enabled("strace is not there, or may not watch a child") { await canTrace() })
        func order() async throws {
            try await withWorld(answering: false) { world in
                let trace = world.folder + "/trace"
                try await world.startGateway(wrapper: [
                    "strace", "-f", "-y", "-s", "64", "-e", "trace=fdatasync,fsync,write,writev", "-e", "signal=none",
                    "-o", trace,
                ])
                // One way after the other: so no sync of the one can stand for a missing one of the other.
                let table = try Table(path: world.database)
                for number in 1...20 { try world.text(0, from: "+161955610\(number + 10)", "question \(number)") }
                try await eventually("all are stored and deleted", within: 120) {
                    try table.count("direction = 'inbound'") == 20 && world.ledger.count("deleted") == 20
                }
                try table.queue((1...20).map { ("+161955620\($0 + 10)", "news \($0)") })
                try await eventually("all are delivered", within: 120) {
                    try table.count("delivery_status = 'delivered'") == 20
                }
                let pid = try #require(try await world.status().processId)
                kill(pid, SIGTERM)
                try await eventually("the gateway ends", within: 60) { world.gateway?.isRunning == false }

                let lines = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
                let story = Trace(lines)
                #expect(story.deletes >= 20 && story.pdus >= 20, "\(story.deletes) deletes, \(story.pdus) PDUs")
                for complaint in story.complaints { Issue.record("\(complaint)") }
                report("strace: \(story.syncs) syncs, \(story.deletes) AT+CMGD, \(story.pdus) PDUs, in order")
            }
        }

        @Test("what strace saw is understood: a wrong order is seen")
        func reader() {
            let read = #"7 write(9</dev/pts/3>, "AT+CMGL=4\r", 10) = 10"#
            let sync = ["8 fdatasync(5</s/journal.db-wal> <unfinished ...>", "8 <... fdatasync resumed>) = 0"]
            let delete = #"7 write(9</dev/pts/3>, "AT+CMGD=3\r", 10 <unfinished ...>"#
            let send = #"7 write(9</dev/pts/3>, "0021000B916191551600F1\32", 24) = 24"#
            let foreign = "8 fdatasync(6</s/messages.db-wal>) = 0"
            func complaints(_ lines: [String]) -> Int { Trace(lines.map { $0[...] }).complaints.count }
            #expect(complaints([read] + sync + [delete] + sync + [send]) == 0)
            #expect(complaints(sync + [read, delete]) == 1)
            #expect(complaints([read, sync[0], delete, sync[1]]) == 1)
            #expect(complaints([read, foreign, delete, send]) == 2)
            #expect(complaints(sync + [send, send]) == 1)
        }
    }

    /// Reads what strace saw: what was synced before what was written.
    struct Trace {
        private(set) var syncs = 0
        private(set) var deletes = 0
        private(set) var pdus = 0
        private(set) var complaints: [String] = []
        /// A sync of the journal ended since the last reading, since the last PDU.
        private var safeToDelete = false
        private var safeToSend = false
        private var pending: Set<Substring> = []

        init(_ lines: [Substring]) {
            for (number, line) in lines.enumerated() { read(line, number + 1) }
        }

        private mutating func read(_ line: Substring, _ number: Int) {
            let thread = line.prefix { $0 != " " }
            if line.contains("sync(") && line.contains("/journal.db") {
                if line.contains("<unfinished") { pending.insert(thread) } else { synced() }
            } else if line.contains("sync resumed"), pending.remove(thread) != nil {
                synced()
            } else if line.contains("write") && line.contains("</dev/pts/") && !line.contains("resumed") {
                if line.contains("AT+CMGL") || line.contains("AT+CMGR") { safeToDelete = false }
                if line.contains("AT+CMGD") {
                    deletes += 1
                    if !safeToDelete { complaints.append("line \(number): AT+CMGD before the journal's sync") }
                } else if Self.isPDU(line) {
                    pdus += 1
                    if !safeToSend { complaints.append("line \(number): a PDU before the journal's sync") }
                    safeToSend = false
                }
            }
        }

        private mutating func synced() {
            syncs += 1
            safeToDelete = true
            safeToSend = true
        }

        /// Hex from its first octet on.
        private static func isPDU(_ line: Substring) -> Bool {
            guard let quote = line.firstIndex(of: "\"") else { return false }
            let head = line[line.index(after: quote)...].prefix(14)
            return head.count == 14 && head.allSatisfy { $0.isHexDigit }
        }
    }
}
