import Testing

@testable import conductor

@Suite("The command that switches the power of a USB port")
struct PowerCommandTests {
    @Test func itGetsHubAndPortAndItsExitCodeCounts() async throws {
        #expect(await PowerCommand.run("/usr/bin/test", ["1-1", "=", "1-1"]) == nil)
        let failure = try #require(await PowerCommand.run("/usr/bin/test", ["1-1", "=", "4"]))
        #expect(failure.contains("/usr/bin/test 1-1 = 4 failed (exit code 1)"))
    }

    @Test func oneThatIsNotThereIsToldOf() async throws {
        let failure = try #require(await PowerCommand.run("/nowhere/usb-power", ["1-1", "4"]))
        #expect(failure.hasPrefix("power_command: /nowhere/usb-power cannot be run"))
    }

    @Test func oneThatHangsIsEnded() async throws {
        let failure = try #require(await PowerCommand.run("/usr/bin/sleep", ["600"], limit: .milliseconds(50)))
        #expect(failure.contains("/usr/bin/sleep 600 took longer than 0 s and was ended"))
    }
}
