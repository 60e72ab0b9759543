import ArgumentParser
import ConsoleServer
import GatewayCore

/// `conductor number`: how the gateway reads telephone numbers.
struct NumberCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "number", abstract: "Say how telephone numbers are understood.",
        discussion: """
            Prints each number as the gateway knows it, `-` for one that no text can be sent to. Nothing is asked of a \
            gateway. With `-`, one number a line is read from standard input. --json says the time zones that it tells, \
            too.

            EXAMPLES:
              conductor number "(619) 555-0123"
              conductor number --country GB "020 7946 0018"
            """)

    @Argument(help: ArgumentHelp("Numbers as people write them; `-` is standard input.", valueName: "number"))
    var numbers: [String]

    @Option(help: ArgumentHelp("The country whose national numbers are meant; default_country unless said."))
    var country: String?

    @OptionGroup var output: JSONOption

    @Option(help: ArgumentHelp("The configuration file with default_country.", valueName: "file"))
    var config: String?

    /// One number, as `--json` shows it.
    struct Reading: Encodable {
        var written: String
        /// Nil: none that a text can be sent to.
        var number: String?
        var isShortCode: Bool
        /// Whose clocks count for its quiet hours; empty where it does not tell.
        var zones: [String]
    }

    func validate() throws {
        guard let country else { return }
        guard country.utf8.count == 2, country.utf8.allSatisfy({ (65...90).contains($0) }) else {
            throw ValidationError("--country is two capital letters, as US.")
        }
    }

    func run() throws {
        let country = try country ?? Assembly.policy(LoadedConfiguration.load(config).settings).defaultCountry
        for number in numbers {
            if number == "-" {
                var lines: [UInt8] = []
                try PDUStream.eachLine(of: number) { line in
                    lines += answer(String(decoding: line, as: UTF8.self), country)
                } flush: { () throws(PDUStreamError) in
                    try PDUStream.write(lines)
                    lines.removeAll(keepingCapacity: true)
                }
            } else {
                try PDUStream.write(answer(number, country))
            }
        }
    }

    private func answer(_ written: String, _ country: String) -> [UInt8] {
        let number = PhoneNumber(written, country: country)
        guard output.json else { return Array((number?.text ?? "-").utf8) + [0x0A] }
        let reading = Reading(
            written: written, number: number?.text, isShortCode: number?.isShortCode ?? false,
            zones: number?.zones ?? [])
        return ((try? APICoding.encode(reading)) ?? Array("{}".utf8)) + [0x0A]
    }
}
