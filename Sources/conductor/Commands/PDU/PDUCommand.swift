import ArgumentParser

/// `conductor pdu`: TPDUs in words and back, without a gateway or a modem.
struct PDUCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pdu", abstract: "Read and write TPDUs, the octets that modems give and take.",
        subcommands: [PDUDecodeCommand.self, PDUEncodeCommand.self])
}
