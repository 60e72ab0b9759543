import Glibc
import Logging
import ModemKit
import ModemSimulator
import SMSCodec
import Testing

/// A simulated modem with a fleet that serves it, both of them whole.
final class TraceSession {
    let simulator: Simulator
    let fleet: Fleet
    let recorder = Recorder()
    let profile: ModemProfile
    private let folder: String

    init(pin: String? = nil, _ change: (inout SimulatorConfiguration) -> Void = { _ in }) throws {
        var template = Array("/tmp/conductor-trace-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { mkdtemp($0) != nil } ?? false
        }
        try #require(made, "cannot make a folder in /tmp")
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var configuration = SimulatorConfiguration(modems: 1, linkFolder: folder)
        configuration.profiles[0].imsi = "310269876543210"
        configuration.profiles[0].iccid = "8901269876543210987"
        configuration.profiles[0].number = "+16195550177"
        configuration.profiles[0].serviceCentre = "+12065550188"
        if let pin { configuration.settings.append(.sim(.pin(pin))) }
        change(&configuration)
        profile = configuration.profiles[0]
        simulator = try Simulator(configuration)
        let match = ModemMatch(port: simulator.links[0], pin: { pin })
        var timings = Rig.timings
        // On a busy machine a simulated modem may be late: a time-out is none of these tests' business.
        (timings.command, timings.listing, timings.probe) = (.seconds(5), .seconds(5), .seconds(2))
        (timings.submission, timings.prompt) = (.seconds(5), .seconds(5))
        fleet = Fleet(
            configuration: FleetConfiguration(useUdev: false, modems: [match], timings: timings), delegate: recorder,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        try fleet.start()
    }

    deinit {
        simulator.stop()
        rmdir(folder)
    }

    func ready() async -> Bool { await recorder.board.wait(30) { $0.state == .ready } }

    /// Waits until so many texts and reports came in.
    func taken(_ count: Int) async -> Bool { await recorder.board.wait(30) { $0.readings.count >= count } }

    func send(_ text: String, to number: String) async throws {
        for part in try Segmentation.split(text, reference: 9).parts {
            let submit = Submit(recipient: Address(number: number), requestReport: true, userData: part)
            let outcome = await fleet.submit(Submission(tpdu: submit.encode()), to: ModemID(profile.imei)) {}
            guard case .accepted = outcome else {
                Issue.record("not accepted: \(outcome)")
                return
            }
        }
    }

    /// What becomes of a text of one part.
    func outcome(of text: String, to number: String) async throws -> SubmissionOutcome {
        let submit = Submit(recipient: Address(number: number), userData: UserData(text: text))
        return await fleet.submit(Submission(tpdu: submit.encode()), to: ModemID(profile.imei)) {}
    }

    /// The trace in its text form.
    func text() async throws -> String {
        let trace = try #require(await fleet.trace(ModemID(profile.imei)))
        // The calendar is not what is tested: milliseconds of one minute and the next.
        let first = trace.entries.first?.at ?? 0
        let lines = trace.entries.map { entry in
            let passed = entry.at - first
            let (minute, second, rest) = (passed / 60_000, passed / 1_000 % 60, passed % 1_000)
            let time =
                "2026-11-29T18:\(String(String(100 + minute).suffix(2))):\(String(String(100 + second).suffix(2)))"
                + ".\(String(String(1_000 + rest).suffix(3)))Z"
            return TraceText.line(entry, time: time)
        }
        return (TraceText.head(of: trace) + lines).joined(separator: "\n")
    }
}

/// Looks for a number or a text in any form that modems write it in.
struct Disclosure {
    /// What must not be found, in upper case.
    let forms: [(name: String, form: String)]

    init(number: String) {
        let digits = number.filter(\.isNumber)
        var forms = [("digits", digits), ("UCS-2", Self.ucs2(digits))]
        // The semi-octets of an address, with its filler or without.
        var swapped: [Character] = []
        let even = Array(digits) + (digits.count.isMultiple(of: 2) ? [] : ["F"])
        for place in stride(from: 0, to: even.count, by: 2) { swapped += [even[place + 1], even[place]] }
        forms.append(("semi-octets", String(swapped)))
        self.forms = forms
    }

    init(text: String) {
        var forms = [("characters", text.uppercased()), ("UCS-2", Self.ucs2(text))]
        // Septets may begin at any bit of an octet; the octets at the edges are shared with what stands beside.
        if let septets = GSM7.septets(of: text) {
            for fill in 0...6 {
                forms.append(("septets", Hex.encode(GSM7.pack(septets, fillBits: fill).dropFirst().dropLast())))
            }
        }
        self.forms = forms.filter { $0.1.count >= 4 }
    }

    private static func ucs2(_ text: String) -> String {
        Hex.encode(text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] })
    }

    func found(in trace: String) -> [String] {
        let trace = trace.uppercased()
        return forms.filter { trace.contains($0.form) }.map { "\($0.name): \($0.form)" }
    }
}
