import ArgumentParser
import SMSCodec

/// `conductor pdu decode`: one JSON object for each TPDU.
struct PDUDecodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode", abstract: "Say what TPDUs mean.",
        discussion: """
            Prints one JSON object a line, for each line of hexadecimal digits. One that cannot be decoded prints \
            {"error": "reason"}, and the next line goes on.
            """)

    @Flag(help: "Print JSON, which is what this command always prints.")
    var json = false

    @Flag(name: .customLong("no-smsc"), help: "The TPDUs have no service-centre address before them.")
    var noServiceCentre = false

    @Flag(name: .customLong("mo"), help: "The TPDUs are submitted ones, from a phone.")
    var isMobileOriginated = false

    @Argument(help: ArgumentHelp("TPDUs, or files with one a line; `-` is standard input.", valueName: "pdu|file"))
    var inputs: [String] = ["-"]

    func run() throws {
        let direction: TPDU.Direction = isMobileOriginated ? .mobileOriginated : .mobileTerminated
        var writer = PDUJSONWriter(capacity: 1 << 20)
        for input in inputs {
            if Hex.decode(input)?.isEmpty == false {
                PDUDescription.add(
                    Array(input.utf8)[...], direction: direction, hasServiceCentre: !noServiceCentre, to: &writer)
                try PDUStream.write(writer.bytes)
                writer.removeAll()
            } else {
                try PDUStream.eachLine(of: input) { line in
                    PDUDescription.add(
                        line, direction: direction, hasServiceCentre: !noServiceCentre, to: &writer)
                } flush: { () throws(PDUStreamError) in
                    try PDUStream.write(writer.bytes)
                    writer.removeAll()
                }
            }
        }
    }
}
