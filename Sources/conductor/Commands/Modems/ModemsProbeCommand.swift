import ArgumentParser
import ModemKit

extension ModemsCommand {
    struct Probe: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Look for modems again, and tell how every port stands.",
            discussion:
                "Asks udev what is plugged in, and each port that leads to no modem whether it speaks AT. Ports that "
                + "serve a modem are left alone. Exit code 4 when no port leads to a modem.")

        @OptionGroup var output: JSONOption
        @OptionGroup var options: ClientOptions

        func run() throws {
            let ports = try options.client().ports()
            let terminal = Terminal.output
            if output.json {
                try terminal.json(ports)
            } else {
                Self.lines(ports).forEach { terminal.line($0) }
            }
            guard ports.contains(where: { $0.use == .modem }) else {
                throw CommandFailure(
                    .refused, ports.isEmpty ? "no port: plug a modem in" : "no port leads to a modem that can be used")
            }
        }

        /// One line a port, and what is wrong with it below.
        static func lines(_ ports: [PortReport]) -> [String] {
            let width = ports.map(\.path.count).max() ?? 0
            return ports.flatMap { port in
                let path = port.path.padding(to: width)
                let device = [port.usb, port.interface.map { "if \($0)" }, port.name].compactMap { $0 }
                    .joined(separator: " ")
                let use =
                    switch port.use {
                    case .modem: "modem \(port.modem?.rawValue ?? "")"
                    case .listener: "listens for modem \(port.modem?.rawValue ?? "")"
                    case .asked: "is being asked"
                    case .unusable: "not used"
                    case .other: "for something else, never opened"
                    }
                let line = "\(path)  \(use)" + (device.isEmpty ? "" : "  (\(device))")
                return [DisplayWidth.oneLine(line)] + (port.problem.map { ["    " + $0] } ?? [])
            }
        }
    }
}

extension String {
    fileprivate func padding(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
