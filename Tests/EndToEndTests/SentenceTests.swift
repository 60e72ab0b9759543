import Foundation
import Glibc
import Testing

extension EndToEnd {
    @Suite("Sentences") struct Sentences {
        /// The texts of one modem go on, whatever is wrong elsewhere.
        private func expectService(_ world: World, modem: Int) async throws {
            let table = try Table(path: world.database)
            try world.text(modem, from: "+16195567777", "still there?")
            try await eventually("the rest runs") {
                try table.count("content = 're: still there?' AND delivery_status = 'delivered'") == 1
            }
        }

        @Test("a drop-in with a typing error, a .so that is none, a plugin that fails at its start")
        func plugins() async throws {
            try await withWorld { world in
                let sham = world.folder + "/sham.so"
                try "this is no library\n".write(toFile: sham, atomically: true, encoding: .utf8)
                let failing = try await Self.failingPlugin(world)
                try world.drop("20-typo", "plugin: auto-reply\nsettings:\n  defualt: Hello\n")
                try world.drop("21-syntax", "plugin: auto-reply\nsettings: {rules: [\n")
                try world.drop("30-sham", "plugin: \(sham)\n")
                try world.drop("40-failing", "plugin: \(failing)\n")
                try world.drop("45-missing", "plugin: auto-replay\n")
                try await world.startGateway()
                let status = try await world.status()
                for (dropIn, words) in [
                    ("20-typo", ["20-typo.yaml:3", "defualt", "default"]), ("21-syntax", ["21-syntax.yaml:"]),
                    ("30-sham", ["sham.so"]), ("40-failing", ["no paper in the printer"]),
                    ("45-missing", ["there is no plugin \"auto-replay\""]),
                ] {
                    let problem = status.problem(ofDropIn: dropIn)
                    report("\(dropIn): \(problem)")
                    for word in words { #expect(problem.contains(word), "\(dropIn): \(problem)") }
                    #expect(status.plugins.first { $0.dropIn.contains(dropIn) }.map { $0.state != "running" } ?? false)
                }
                try await expectService(world, modem: 0)
            }
        }

        /// The shortest plugin whose start says why it cannot.
        private static func failingPlugin(_ world: World) async throws -> String {
            let source = """
                #include "conductor_plugin.h"
                #include <string.h>
                static int32_t create(const conductor_host *host, conductor_slice settings, conductor_instance **out,
                                      conductor_error *error) {
                    (void)settings, (void)error;
                    *out = (conductor_instance *)(uintptr_t)host;
                    return CONDUCTOR_OK;
                }
                static void start(conductor_instance *self, const conductor_call *call, conductor_done done,
                                  uint64_t token) {
                    (void)self, (void)call;
                    conductor_error error = {.struct_size = sizeof error, .code = CONDUCTOR_UNAVAILABLE};
                    error.message_len = sizeof "no paper in the printer" - 1;
                    memcpy(error.message, "no paper in the printer", error.message_len);
                    done(token, &error);
                }
                static void destroy(conductor_instance *self) { (void)self; }
                static void respond(conductor_instance *self, const conductor_call *call,
                                    const conductor_inbound_text *text, conductor_responder_done done, uint64_t token) {
                    (void)self, (void)call, (void)text;
                    conductor_decision decision = {.struct_size = sizeof decision, .kind = CONDUCTOR_DECISION_DECLINE};
                    done(token, NULL, &decision);
                }
                static const conductor_responder responder = {.struct_size = sizeof responder, .respond = respond};
                static const void *get_extension(conductor_instance *self, const char *id) {
                    (void)self;
                    return strcmp(id, CONDUCTOR_RESPONDER) == 0 ? &responder : NULL;
                }
                static const char *const capabilities[] = {CONDUCTOR_RESPONDER, NULL};
                static const conductor_plugin plugin = {
                    .prefix = {CONDUCTOR_PLUGIN_MAGIC, sizeof plugin, CONDUCTOR_ABI_MAJOR, CONDUCTOR_ABI_MINOR, 0, 0},
                    .id = "failing", .name = "Failing", .version = "1.0.0", .capabilities = capabilities,
                    .create = create, .destroy = destroy, .start = start, .get_extension = get_extension,
                };
                CONDUCTOR_EXPORT const conductor_plugin *conductor_plugin_entry(void) { return &plugin; }
                """
            return try await CPlugin.build("failing", source, in: world.folder)
        }

        @Test("E5: a SIM that wants its PIN, and a wrong one, which is tried once")
        func pins() async throws {
            try await withWorld(modems: 3) { world in
                try "4711\n".write(toFile: world.folder + "/pin", atomically: true, encoding: .utf8)
                chmod(world.folder + "/pin", 0o600)
                world.modemSettings[1] = "pin_file: \(world.folder)/pin"
                try world.tell("sim modem0 pin 1234")
                try world.tell("sim modem1 pin 1234")
                try await world.startGateway(ready: 1)
                try await eventually("both are blocked", every: 50) {
                    try await world.status().modems.filter { $0.state == "blocked" }.count == 2
                }
                let status = try await world.status()
                for modem in 0..<2 { report("modem\(modem): \(status.problem(ofPort: world.port(modem)))") }
                #expect(status.problem(ofPort: world.port(0)).contains("pin_file"))
                #expect(status.problem(ofPort: world.port(1)).contains("refused its PIN"))
                #expect(status.alarms.filter { $0.kind == "modem.blocked" }.count == 2)
                try await expectService(world, modem: 2)
                // The card tells how often it was tried: not again after the port was lost and found.
                try world.tell("unplug modem1")
                try world.tell("replug modem1 after 100ms")
                try await eventually("it is blocked again", every: 50) {
                    try await world.status().problem(ofPort: world.port(1)).contains("not tried again")
                }
                let (_, tries) = try await world.command("modems", "at", world.port(1), "AT+CPINR=\"SIM PIN\"")
                #expect(tries.contains("SIM PIN,2,3"), "\(tries)")
                let (_, untouched) = try await world.command("modems", "at", world.port(0), "AT+CPINR=\"SIM PIN\"")
                #expect(untouched.contains("SIM PIN,3,3"), "\(untouched)")
            }
        }

        @Test("B7: two gateways on one state folder")
        func oneFolder() async throws {
            try await withWorld { world in
                try await world.startGateway()
                let other = try world.otherGateway(state: world.state)
                try await eventually("the second ends") { !other.isRunning }
                report("one folder: \(other.printed.split(separator: "\n").first ?? "")")
                #expect(other.status == 1)
                #expect(other.printed.contains("another gateway"))
                #expect(other.printed.contains("\(try #require(world.gateway).pid)"), "it names the holder")
                try await expectService(world, modem: 0)
            }
        }

        @Test("B7: two gateways on one port")
        func onePort() async throws {
            try await withWorld { world in
                try await world.startGateway()
                let state = world.folder + "/second"
                let other = try world.otherGateway(state: state)
                var problem = ""
                try await eventually("the second says so", every: 50) {
                    guard other.isRunning else { throw Failure("the second ended: \(other.printed)") }
                    problem = (try? await world.status(state: state).problem(ofPort: world.port(0))) ?? ""
                    return !problem.isEmpty
                }
                report("one port: \(problem)")
                #expect(problem.contains("held by process \(try #require(world.gateway).pid)"), "\(problem)")
                try await expectService(world, modem: 0)
                // And it takes over when the first is gone.
                try world.killGateway()
                try await eventually("the second has the modem", within: 60, every: 50) {
                    try await world.status(state: state).modems.contains { $0.state == "ready" }
                }
            }
        }
    }
}
