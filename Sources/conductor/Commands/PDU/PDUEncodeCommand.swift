import ArgumentParser

/// `conductor pdu encode`: the parts of each text.
struct PDUEncodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encode", abstract: "Make TPDUs of texts.",
        discussion: """
            Reads one JSON object a line: {"number", "text", "report", "validity_minutes", "class", "reference", \
            "smsc", "language"}, of which number and text must be there. Prints the parts, each with its \
            service-centre address before it, as AT+CMGS wants it, and what they cost; one that cannot be encoded \
            prints {"error": "reason"}.

            "language" says which national tables may be used, as tr or hi; none, or auto for whichever saves parts. \
            Left out it is auto.
            """)

    @Argument(help: "Files with one object a line; `-` is standard input.")
    var files: [String] = ["-"]

    func run() throws {
        for file in files {
            try PDUStream.eachLine(of: file) { PDUEncoding.line(for: $0) }
        }
    }
}
