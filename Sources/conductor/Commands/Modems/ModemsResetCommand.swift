import ArgumentParser
import Foundation
import ModemKit

extension ModemsCommand {
    struct Reset: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Help a modem that does not do its work, and wait until it is ready again.",
            discussion: """
                The steps, the mildest first: `settings` makes its settings again; `reopen` opens its port anew; `radio` \
                switches its radio off and on; `restart` starts its software anew; `usb` resets its USB device; `power` \
                switches its port's power by the configured command. The gateway takes them by itself when a modem is in \
                trouble. Nothing is lost: what is being sent has its outcome first. Exit code 1 when it is not ready in \
                time.
                """)

        @Argument(help: "IMEI of the modem; `-` when there is only one.")
        var modem: String

        @Option(help: ArgumentHelp("settings, reopen, radio, restart, usb or power.", valueName: "step"))
        var step = "restart"

        @Option(help: ArgumentHelp("How long to wait for it to be ready, in seconds (0 to 3600).", valueName: "s"))
        var wait = 120

        @OptionGroup var options: ClientOptions

        func run() throws {
            guard (0...3_600).contains(wait) else {
                throw CommandFailure(.usage, "--wait is 0 to 3600 seconds, not \(wait)")
            }
            let client = try options.client()
            let name = try client.named(modem)
            let before = try state(client, name)?.recoveries ?? [:]
            try client.reset(modem: name, step: step)
            let end = ContinuousClock.now + .seconds(wait)
            while ContinuousClock.now < end {
                Thread.sleep(forTimeInterval: 0.2)
                let now = try state(client, name)
                let isTaken = now.map { $0.recoveries[step, default: 0] > before[step, default: 0] } ?? false
                guard isTaken, now?.state == .ready else { continue }
                Terminal.output.line("\(name)  is ready again")
                return
            }
            if wait == 0 { return Terminal.output.line("\(name)  \(step) is begun") }
            let problem = try state(client, name)?.problem.map { ": \($0)" } ?? ""
            throw CommandFailure(.failed, "\(name) is not ready after \(wait) s\(problem)")
        }

        private func state(_ client: GatewayClient, _ name: String) throws -> ModemSnapshot? {
            try client.modems().first { $0.id.rawValue == name || $0.port == name }
        }
    }
}
