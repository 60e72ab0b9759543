import ConsoleServer
import Foundation
import GatewayCore
import Glibc
import ModemKit
import PluginHost
import PluginKit
import Settings
import Testing

@testable import conductor

/// Every check of the doctor finds the fault it is made for, names a cure, and is silent about a healthy machine.
@Suite struct DoctorTests {
    /// One planted fault.
    struct Fault: Sendable, CustomTestStringConvertible {
        var check: String
        var verdict: Finding.Verdict
        /// Part of the cure.
        var cure: String
        var plant: @Sendable (inout Patient) throws -> Void

        var testDescription: String { check }

        init(
            _ check: String, _ verdict: Finding.Verdict, cure: String,
            _ plant: @escaping @Sendable (inout Patient) throws -> Void
        ) {
            self.check = check
            self.verdict = verdict
            self.cure = cure
            self.plant = plant
        }
    }

    @Test("A healthy machine has nothing wrong and nothing to look at, and most checks say so")
    func healthy() throws {
        let patient = try Ward.patient()
        defer { Ward.remove(patient) }
        let findings = DoctorCheck.examine(patient)
        #expect(findings.filter { $0.verdict != .fine } == [])
        #expect(findings.count >= 25)
        #expect(findings.allSatisfy { $0.cure == nil })
    }

    @Test("A planted fault is found by its check, with its cure", arguments: Ward.faults)
    func planted(_ fault: Fault) throws {
        var patient = try Ward.patient()
        let root = patient
        defer { Ward.remove(root) }
        try fault.plant(&patient)
        let found = DoctorCheck.examine(patient).filter { $0.check == fault.check && $0.verdict != .fine }
        #expect(found.contains { $0.verdict == fault.verdict }, "\(found)")
        #expect(found.allSatisfy { !($0.cure ?? "").isEmpty && !($0.cure ?? "").contains("\n") })
        #expect(found.contains { $0.cure?.contains(fault.cure) == true }, "\(found)")
    }

    @Test("What is no secret, or is nobody else's, is not told")
    func discreet() throws {
        var patient = try Ward.patient()
        defer { Ward.remove(patient) }
        let folder = patient.machine.root + "/etc/conductor/plugins.d"
        try Ward.write("x", patient.machine.root + "/state/ca.pem")
        for (name, text) in [
            // Switched off, and its file is not written yet.
            ("20-cloud.yaml", "plugin: supabase\nenabled: false\nsettings: {url: x, key_file: /etc/supabase.key}\n"),
            (
                "60-bot.yaml",
                "exec: [cat, -k, --keyword, open]\nsettings: {ca_file: ca.pem, keyword: open, user_id: 7}\n"
            ),
            ("61-bot.yaml", "exec: [cat]\nsettings: {api_key: abcdef}\n"),
        ] {
            try Ward.write(text, "\(folder)/\(name)")
        }
        chmod(folder + "/61-bot.yaml", 0o640)
        patient.dropIns = DropInSummary.all(in: folder, searchPath: BundledPlugins.folders)
        let found = DoctorCheck.examine(patient, checks: DoctorCheck.secretChecks).filter { $0.verdict != .fine }
        #expect(found == [])
    }

    @Test("Every check has a planted fault, and no two have one name")
    func complete() {
        let ids = DoctorCheck.all.map(\.id)
        #expect(Set(ids).count == ids.count)
        // Who else reads the table is told, and is no fault.
        #expect(Set(ids).subtracting(Ward.faults.map(\.check)) == ["files.readers"])
        #expect(ids.count >= 50)
    }

    @Test("The page is quiet: what is wrong with its cure, grouped, and one line that counts")
    func page() {
        let terminal = Terminal(descriptor: 1, isTerminal: false, hasColours: false, width: nil)
        var wrong = Finding(.wrong, "the disk is full", cure: "free some space")
        (wrong.check, wrong.group) = ("state.space", "State folder")
        var fine = Finding(.fine, "the gateway runs")
        (fine.check, fine.group) = ("gateway.running", "Gateway")
        #expect(
            DoctorPage(terminal: terminal, all: false).lines([fine, wrong], checks: 2) == [
                "State folder", "  ✗ the disk is full", "    → free some space", "", "✗ 2 checks: 1 wrong",
            ])
        #expect(
            DoctorPage(terminal: terminal, all: true).lines([fine], checks: 1) == [
                "Gateway", "  ✓ the gateway runs", "", "✓ 1 checks: all is well",
            ])
        #expect(
            DoctorPage(terminal: terminal, all: false).lines([fine], checks: 1) == [
                "✓ 1 checks: all is well (--all shows them)"
            ])
    }
}

/// A machine in a folder, and what can befall it.
enum Ward {
    static func patient() throws -> Patient {
        let root = NSTemporaryDirectory() + "doctor-" + UUID().uuidString
        for folder in [
            "/etc/udev/rules.d", "/etc/conductor/plugins.d", "/sys/class/tty/ttyUSB0", "/dev", "/proc/1",
            "/proc/4711/fd",
            "/sys/module/option", "/sys/kernel/security", "/proc/sys/kernel/seccomp", "/proc/self", "/state/backups",
        ] {
            try FileManager.default.createDirectory(atPath: root + folder, withIntermediateDirectories: true)
        }
        for (path, text) in [
            ("/etc/group", "root:x:0:\ndialout:x:20:\n"), ("/etc/passwd", "root:x:0:0::/:\nshop:x:4711:4711::/:\n"),
            ("/etc/localtime", ""), ("/etc/udev/rules.d/70-conductor.rules", ""),
            ("/etc/udev/rules.d/77-conductor-mm-ignore.rules", ""), ("/dev/ttyUSB0", ""), ("/proc/1/comm", "systemd\n"),
            ("/proc/4711/comm", "conductor\n"),
            ("/proc/4711/limits", "Max open files            65536   65536   files\n"),
            ("/proc/mounts", "/dev/sda1 / ext4 rw 0 0\n"), ("/sys/kernel/security/lsm", "capability,landlock,apparmor"),
            ("/proc/sys/kernel/seccomp/actions_avail", "kill_process errno allow"), ("/proc/modules", ""),
            ("/state/journal.db", "x"), ("/state/journal.id", "x"), ("/state/messages.db", "x"),
            ("/state/control.sock", ""),
            ("/state/backups/conductor-a.tar", "x"), ("/state/pin", "1234"),
        ] {
            try write(text, root + path)
            chmod(root + path, path.hasPrefix("/state") ? 0o600 : 0o660)
        }
        chmod(root + "/state", 0o770)
        var machine = Machine()
        machine.root = root
        machine.user = geteuid() == 0 ? 4_711 : geteuid()
        machine.groups = [getegid()]
        machine.built = Timestamp(milliseconds: 1_000)
        machine.disk = { _ in .init(freeBytes: 1 << 40, freeInodes: 1_000_000, inodes: 2_000_000) }
        machine.output = { _ in "yes\n" }
        for path in ["/state/journal.db", "/state/messages.db"] { chmod(root + path, 0o660) }
        var modem = ModemSnapshot(id: ModemID("356938035643809"), port: "/dev/ttyUSB0", state: .ready)
        modem.registration = "home"
        modem.signalDBm = -71
        modem.smsc = "+12063130004"
        modem.memories = [.init(name: "ME", used: 3, total: 255)]
        let status = GatewayStatus(
            gateway: "shop", version: "1", startedAt: Timestamp(milliseconds: 5_000), processID: 4_711,
            stateFolder: "/state",
            modems: [modem],
            storage: .init(
                plugin: "sqlite", location: "SQLite /state/messages.db", reachable: true, problem: nil, lag: 0, rows: 1),
            counts: [:], queue: ["waiting": 0], plugins: [plugin()], alarms: [])
        let plugins = root + "/etc/conductor/plugins.d"
        try write("plugin: sqlite\n", plugins + "/10-sqlite.yaml")
        let file = root + "/etc/conductor/conductor.yaml"
        try write("modems:\n  - {match: {port: /dev/ttyUSB0}, pin_file: /state/pin}\n", file)
        let settings = try GatewayConfiguration.read(file: file)
        var patient = Patient(
            machine: machine, status: status, absence: nil, configuration: .success(settings), stateFolder: "/state",
            pluginsFolder: "/etc/conductor/plugins.d",
            dropIns: DropInSummary.all(in: plugins, searchPath: BundledPlugins.folders))
        patient.databases = [
            DatabaseFacts(name: "journal.db", path: "/state/journal.db", bytes: 4_096),
            DatabaseFacts(name: "messages.db", path: "/state/messages.db", bytes: 4_096),
        ]
        patient.socketHolder = .process(4_711, name: "conductor")
        patient.worker = "/usr/libexec/conductor-worker"
        patient.version = "1"
        return patient
    }

    static func remove(_ patient: Patient) { try? FileManager.default.removeItem(atPath: patient.machine.root) }

    static func write(_ text: String, _ path: String) throws {
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try text.write(toFile: path, atomically: false, encoding: .utf8)
    }

    static func plugin() -> PluginReport {
        PluginReport(
            dropIn: "10-sqlite", plugin: "sqlite", version: "1", capabilities: ["storage"], state: "running",
            problem: nil,
            calls: 100, failures: 0, deadlines: 0, strayCompletions: 0)
    }

    /// A program that runs there, with a file open.
    static func process(_ id: Int, _ name: String, open path: String? = nil, _ patient: Patient) throws {
        let folder = "\(patient.machine.root)/proc/\(id)"
        try write(name + "\n", folder + "/comm")
        try FileManager.default.createDirectory(atPath: folder + "/fd", withIntermediateDirectories: true)
        if let path { try FileManager.default.createSymbolicLink(atPath: folder + "/fd/3", withDestinationPath: path) }
    }

    private static func modem(
        _ check: String, _ verdict: Finding.Verdict, cure: String,
        _ change: @escaping @Sendable (inout ModemSnapshot) -> Void
    )
        -> DoctorTests.Fault
    {
        .init(check, verdict, cure: cure) { change(&$0.status!.modems[0]) }
    }

    private static func file(
        _ check: String, _ verdict: Finding.Verdict, cure: String,
        _ change: @escaping @Sendable (inout DatabaseFacts) -> Void
    )
        -> DoctorTests.Fault
    {
        .init(check, verdict, cure: cure) { change(&$0.databases[0]) }
    }

    private static func path(_ patient: Patient, _ path: String) -> String { patient.machine.root + path }

    static let faults: [DoctorTests.Fault] =
        gateway + modems + ports + state + files + configuration + secrets
        + machine

    private static let gateway: [DoctorTests.Fault] = [
        .init("gateway.running", .wrong, cure: "conductor run") {
            $0.status = nil
            $0.absence = GatewayAddress.notRunning(looked: ["/x"])
        },
        .init("gateway.version", .hint, cure: "restart") { $0.status?.version = "0.9" },
        .init("gateway.alarms", .wrong, cure: "free some space") {
            $0.status?.alarms = [.init(kind: "journal", message: "free some space", since: Timestamp(milliseconds: 0))]
        },
        .init("gateway.socket.length", .wrong, cure: "shorter") {
            $0.stateFolder = "/" + String(repeating: "s", count: 110)
        },
        .init("gateway.socket.stale", .hint, cure: "start the gateway") { $0.socketHolder = .nobody },
        .init("gateway.socket.mode", .wrong, cure: "chmod o-rwx") { chmod(path($0, "/state/control.sock"), 0o666) },
        .init("gateway.storage", .wrong, cure: "plugins list") {
            $0.status?.storage.reachable = false
            $0.status?.storage.problem = "the disk is away"
        },
        .init("gateway.customers.zone", .hint, cure: "rules zone=America/Los_Angeles") {
            $0.status?.timeZone = "America/Los_Angeles"
            $0.customersZone = "Etc/UTC"
        },
        .init("gateway.storage.lag", .hint, cure: "status") { $0.status?.storage.lag = 5_000 },
        .init("gateway.queue", .wrong, cure: "when one is ready") {
            $0.status?.queue["waiting"] = 3
            $0.status?.modems = []
        },
        .init("gateway.queue", .hint, cure: "modems list") { $0.status?.queue["waiting"] = 900 },
        .init("gateway.unknown", .hint, cure: "messages settle") { $0.status?.queue["unknown"] = 2 },
        .init("gateway.failed", .hint, cure: "retry --failed") { $0.status?.counts["failed"] = 2 },
        .init("gateway.plugins", .wrong, cure: "plugins reload") {
            $0.status?.plugins[0].state = "failed"
            $0.status?.plugins[0].problem = "it does not start"
        },
        .init("gateway.plugins.errors", .hint, cure: "plugins list") { $0.status?.plugins[0].failures = 60 },
    ]

    private static let modems: [DoctorTests.Fault] = [
        .init("modems.present", .wrong, cure: "plug one in") { $0.status?.modems = [] },
        modem("modems.sim", .wrong, cure: "put one in") {
            ($0.state, $0.problem) = (.blocked, "there is no SIM in it")
        },
        modem("modems.pin", .wrong, cure: "pin_file") { ($0.state, $0.problem) = (.blocked, "the SIM wants its PIN") },
        modem("modems.puk", .wrong, cure: "operator's letter") {
            ($0.state, $0.problem) = (.blocked, "the SIM wants its PUK")
        },
        modem("modems.blocked", .wrong, cure: "unplug") { ($0.state, $0.problem) = (.blocked, "it has no PDU mode") },
        modem("modems.recovering", .hint, cure: "powered hub") { $0.state = .recovering },
        modem("modems.registration", .hint, cure: "antenna") { $0.registration = "searching" },
        modem("modems.registration", .wrong, cure: "inactive") { $0.registration = "denied" },
        modem("modems.signal", .hint, cure: "window") { $0.signalDBm = -109 },
        modem("modems.storage", .hint, cure: "empties") { $0.memories = [.init(name: "SM", used: 9, total: 10)] },
        modem("modems.storage", .wrong, cure: "empties") { $0.memories = [.init(name: "SM", used: 10, total: 10)] },
        modem("modems.smsc", .hint, cure: "AT+CSCA") { $0.smsc = nil },
        modem("modems.roaming", .hint, cure: "SIM") { $0.registration = "roaming" },
    ]

    private static let ports: [DoctorTests.Fault] = [
        .init("ports.present", .hint, cure: "modprobe option") {
            unlink(path($0, "/sys/class/tty/ttyUSB0")); rmdir(path($0, "/sys/class/tty/ttyUSB0"))
        },
        .init("ports.node", .wrong, cure: "udevadm trigger") { unlink(path($0, "/dev/ttyUSB0")) },
        .init("ports.permission", .wrong, cure: "then") {
            $0.machine.user = 4_712
            $0.machine.groups = [4_712]
        },
        .init("ports.held", .wrong, cure: "sudo kill 99") { try process(99, "gammu-smsd", open: "/dev/ttyUSB0", $0) },
        .init("ports.held", .wrong, cure: "77-conductor-mm-ignore") {
            try process(98, "ModemManager", open: "/dev/ttyUSB0", $0)
        },
        .init("ports.modemmanager", .hint, cure: "77-conductor-mm-ignore") {
            unlink(path($0, "/etc/udev/rules.d/77-conductor-mm-ignore.rules"))
            try process(98, "ModemManager", $0)
        },
        .init("ports.rivals", .hint, cure: "sudo kill 97") { try process(97, "wvdial", $0) },
        .init("ports.udev", .hint, cure: "70-conductor.rules") {
            unlink(path($0, "/etc/udev/rules.d/70-conductor.rules"))
        },
    ]

    private static let state: [DoctorTests.Fault] = [
        .init("state.folder", .hint, cure: "conductor run") { $0.stateFolder = "/nowhere" },
        .init("state.folder", .wrong, cure: "mv") { $0.stateFolder = "/etc/group" },
        .init("state.owner", .wrong, cure: "chown") {
            $0.machine.user = 4_712
            $0.machine.groups = [4_712]
        },
        .init("state.mode", .wrong, cure: "chmod o-rwx") { chmod(path($0, "/state"), 0o775) },
        .init("state.space", .wrong, cure: "free some space") {
            $0.machine.disk = { _ in .init(freeBytes: 1 << 20, freeInodes: 9_999, inodes: 9_999) }
        },
        .init("state.inodes", .wrong, cure: "df -i") {
            $0.machine.disk = { _ in .init(freeBytes: 1 << 40, freeInodes: 3, inodes: 9_999) }
        },
        .init("state.readonly", .wrong, cure: "remount,rw") {
            $0.machine.disk = { _ in .init(freeBytes: 1 << 40, freeInodes: 9_999, inodes: 9_999, isReadOnly: true) }
        },
        .init("state.filesystem", .wrong, cure: "state_dir") {
            try write("/dev/sda1 / ext4 rw 0 0\nnas:/x /state nfs4 rw 0 0\n", path($0, "/proc/mounts"))
        },
        .init("state.filesystem", .hint, cure: "state_dir") {
            try write("/dev/sda1 / ext4 rw 0 0\ntmpfs /state tmpfs rw 0 0\n", path($0, "/proc/mounts"))
        },
        .init("state.restore", .wrong, cure: "storage restore") {
            try write("", path($0, "/state/restore.unfinished"))
        },
        .init("state.leftovers", .hint, cure: "rm -r") {
            try write("", path($0, "/state/journal.db.damaged-20260101T000000.000Z"))
        },
        .init("state.backups", .hint, cure: "storage backup") {
            try FileManager.default.removeItem(atPath: path($0, "/state/backups/conductor-a.tar"))
        },
        .init("state.backups", .hint, cure: "--keep") {
            $0.machine.now = Timestamp(milliseconds: $0.machine.now.milliseconds + 9 * 86_400_000)
        },
    ]

    private static let files: [DoctorTests.Fault] = [
        file("files.damage", .wrong, cure: "storage repair") { $0.damage = "database disk image is malformed" },
        file("files.empty", .wrong, cure: "storage restore") { $0.bytes = 0 },
        file("files.newer", .wrong, cure: "install that version") { $0.isNewer = true },
        .init("files.owner", .wrong, cure: "chown") { chmod(path($0, "/state/journal.db"), 0o400) },
        .init("files.mode", .wrong, cure: "chmod o-rwx") { chmod(path($0, "/state/messages.db"), 0o664) },
        file("files.log", .hint, cure: "fuser") { $0.logBytes = 1 << 30 },
        file("files.size", .hint, cure: "shorter time") { $0.bytes = 9 << 30 },
        .init("files.lock", .wrong, cure: "sudo kill 96") {
            try process(96, "conductor", open: "/state/journal.lock", $0)
        },
    ]

    private static let configuration: [DoctorTests.Fault] = [
        .init("config.read", .wrong, cure: "config check") {
            let file = path($0, "/etc/conductor/conductor.yaml")
            try write("gatway: {id: x}\n", file)
            do {
                $0.configuration = .success(try GatewayConfiguration.read(file: file))
            } catch let error as ConfigurationError {
                $0.configuration = .failure(error)
            }
        },
        .init("storage.public", .wrong, cure: "--step lock-down") {
            $0.publicReach = [PublicReach(dropIn: "20-supabase.yaml", open: ["messages"])]
        },
        .init("storage.public", .hint, cure: "mend that") {
            $0.publicReach = [PublicReach(dropIn: "20-supabase.yaml", problem: "the name is not known")]
        },
        .init("config.writable", .wrong, cure: "chmod o-w") { chmod(path($0, "/etc/conductor/plugins.d"), 0o777) },
        .init("plugins.folder", .wrong, cure: "mkdir") { $0.pluginsFolder = "/nowhere" },
        .init("plugins.broken", .wrong, cure: "plugins check") { try dropIn("20-bad.yaml", "plugn: x\n", &$0) },
        .init("plugins.storage", .wrong, cure: "plugins enable sqlite") {
            try dropIn("10-sqlite.yaml", "plugin: sqlite\nenabled: false\n", &$0)
        },
        .init("plugins.storage", .wrong, cure: "plugins disable") {
            try dropIn("11-more.yaml", "plugin: sqlite\n", &$0)
        },
        .init("plugins.library", .wrong, cure: "plugins disable") {
            try dropIn("20-none.yaml", "plugin: nowhere\n", &$0)
        },
        .init("plugins.abi", .wrong, cure: "SDK") { $0.refused = ["20-bot.yaml": "it was built for plugin ABI 2"] },
        .init("plugins.worker", .wrong, cure: "install") { $0.worker = nil },
    ]

    /// A file that a drop-in names, as other people may use it.
    private static func secret(
        _ setting: String, mode: mode_t, _ verdict: Finding.Verdict = .wrong, isEnabled: Bool = true,
        below group: String? = nil
    ) -> DoctorTests.Fault {
        .init("config.secrets", verdict, cure: "chmod 600 /state/secret") {
            try write("x", path($0, "/state/secret"))
            chmod(path($0, "/state/secret"), mode)
            let settings = group.map { "{\($0): {\(setting): secret}}" } ?? "{\(setting): /state/secret}"
            try dropIn("11-more.yaml", "plugin: x/y.so\nenabled: \(isEnabled)\nsettings: \(settings)\n", &$0)
        }
    }

    private static let secrets: [DoctorTests.Fault] =
        [
            .init("config.secrets", .wrong, cure: "chmod 600 /state/pin") { chmod(path($0, "/state/pin"), 0o644) },
            .init("config.secrets", .wrong, cure: "chmod 600 /state/pin") { chmod(path($0, "/state/pin"), 0o620) },
            .init("config.secrets", .wrong, cure: "write the PIN") { unlink(path($0, "/state/pin")) },
            .init("config.secrets", .wrong, cure: "write the token") {
                try dropIn("11-more.yaml", "plugin: x/y.so\nsettings: {gateway_token_file: token}\n", &$0)
            },
            .init("config.secrets", .wrong, cure: "chmod o-w /etc/keys") {
                try write("x", path($0, "/etc/keys/key"))
                chmod(path($0, "/etc/keys/key"), 0o600)
                chmod(path($0, "/etc/keys"), 0o777)
                try dropIn("11-more.yaml", "plugin: x/y.so\nsettings: {key_file: /etc/keys/key}\n", &$0)
            },
            .init("config.secrets", .wrong, cure: "name the file") {
                try dropIn("11-more.yaml", "plugin: x/y.so\nsettings: {key_file: /state/backups}\n", &$0)
            },
            .init("config.secrets", .wrong, cure: "name that") {
                try dropIn("11-more.yaml", "plugin: x/y.so\nsettings: {key_file: sb_secret_abcdef}\n", &$0)
            },
            .init("config.inline", .wrong, cure: "chmod o-rwx") {
                try dropIn("11-more.yaml", "exec: [cat]\nsettings: {smtp: {password: abcdef}}\n", &$0)
            },
            .init("config.inline", .wrong, cure: "chmod o-rwx") {
                try dropIn("11-more.yaml", "plugin: x/y.so\nsettings: {names: [sb_secret_abcdef]}\n", &$0)
            },
            .init("config.inline", .wrong, cure: "below `settings:`") {
                try dropIn("11-more.yaml", "exec: [cat, --api-key, abcdef]\n", &$0)
            },
            .init("config.inline", .wrong, cure: "below `settings:`") {
                try dropIn("11-more.yaml", "exec: {command: [cat, --token=abcdef]}\n", &$0)
            },
            .init("state.secrets", .wrong, cure: "chmod 600 /state/erased.key") {
                try write("x", path($0, "/state/erased.key"))
                chmod(path($0, "/state/erased.key"), 0o640)
            },
            .init("state.secrets", .wrong, cure: "chmod 600 /state/backups") {
                chmod(path($0, "/state/backups/conductor-a.tar"), 0o644)
            },
            secret("key_file", mode: 0o644), secret("key_file", mode: 0o640), secret("key_file", mode: 0o660),
            secret("gateway_token_file", mode: 0o604), secret("anon_key_file", mode: 0o644, .hint),
            secret("key_file", mode: 0o644, isEnabled: false), secret("webhook_secret_file", mode: 0o644),
            secret("password_file", mode: 0o644, below: "smtp"), secret("api_token_file", mode: 0o644),
        ]

    private static func dropIn(_ name: String, _ text: String, _ patient: inout Patient) throws {
        let folder = path(patient, "/etc/conductor/plugins.d")
        try write(text, "\(folder)/\(name)")
        patient.dropIns = DropInSummary.all(in: folder, searchPath: BundledPlugins.folders)
    }

    private static let machine: [DoctorTests.Fault] = [
        .init("machine.clock.built", .wrong, cure: "set-ntp") {
            $0.machine.built = Timestamp(milliseconds: $0.machine.now.milliseconds + 86_400_000)
        },
        .init("machine.clock.synchronised", .hint, cure: "set-ntp") {
            $0.machine.output = { $0.first == "timedatectl" ? "no\n" : nil }
        },
        .init("machine.clock.jump", .hint, cure: "timedatectl") {
            $0.status?.startedAt = Timestamp(milliseconds: $0.machine.now.milliseconds + 3_600_000)
        },
        .init("machine.zone", .hint, cure: "set-timezone") { unlink(path($0, "/etc/localtime")) },
        .init("machine.driver", .hint, cure: "modprobe") { rmdir(path($0, "/sys/module/option")) },
        .init("machine.landlock", .hint, cure: "lsm=") {
            try write("capability,apparmor", path($0, "/sys/kernel/security/lsm"))
        },
        .init("machine.seccomp", .hint, cure: "SECCOMP") { unlink(path($0, "/proc/sys/kernel/seccomp/actions_avail")) },
        .init("machine.files", .hint, cure: "LimitNOFILE") {
            try write("Max open files            256   256   files\n", path($0, "/proc/4711/limits"))
        },
    ]
}
