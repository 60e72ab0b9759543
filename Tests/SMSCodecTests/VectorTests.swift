import Foundation
import SMSCodec
import Testing

/// The public vectors, each at its level: what is "must" or "should" has to be so.
@Suite(.enabled(if: VectorFile.path != nil, "CONDUCTOR_TEST_DATA names no folder with pdu-vectors.json"))
struct VectorTests {
    @Test("messages decode to every field expected", arguments: ["deliver", "submit", "status_report"])
    func messages(kind: String) throws {
        var tally = Tally(kind)
        for vector in try VectorFile.all() where vector.kind == kind {
            do throws(PDUError) {
                let decoded = try vector.decode(vector.pdu)
                let fields = VectorFields(
                    decoded, bytes: Hex.decode(vector.pdu) ?? [], hasServiceCentre: vector.hasServiceCentre)
                let differences = fields.differences(from: vector.expect)
                // What may be read otherwise is read as expected, too: each such reading is the specification's.
                tally.record(vector, differences)
                if vector.expect["text_with_tables"] != nil { tally.note(vector, "shift tables are not applied") }
            } catch {
                tally.record(vector, ["refused: \(error)"])
            }
        }
        tally.check()
    }

    /// Vectors that may be refused and are not, with what they are read as and why.
    private static let readAllTheSame: [String: [String: any Sendable]] = [
        // A status report of a SIM, behind which the octets are filled with ones (TS 31.102 §4.2.25): no TP-PI.
        "v0191": ["type": "status_report", "mr": 171, "number": "604865888", "status": 0],
        // Types a gateway meets in traces only. TP-FCS 0x12 is reserved and no TP-PI (§9.2.3.22, §9.2.3.27).
        "v0105": [
            "type": "command", "mr": 0x42, "pid": 0xAB, "ct": 0x89, "mn": 0x34, "number": "+6391",
            "data_hex": "6120636F6D6D616E64",
        ],
        "v0119": ["type": "deliver_report", "fcs": 0x12, "pi": 0],
        "v0120": ["type": "deliver_report", "fcs": 0x12, "pi": 1, "pid": 0xAB],
        "v0121": ["type": "deliver_report", "fcs": 0x12, "pi": 2, "dcs": 4],
        "v0122": ["type": "deliver_report", "fcs": 0x12, "pi": 6, "dcs": 4, "data_hex": "7265706F7274"],
        "v0151": ["type": "submit_report", "fcs": 0x12, "pi": 0, "timestamp": "2015-05-17T23:02:50+08:00"],
        "v0152": ["type": "submit_report", "fcs": 0x12, "pi": 1, "pid": 0xAB],
        "v0153": ["type": "submit_report", "fcs": 0x12, "pi": 2, "dcs": 4],
        "v0154": ["type": "submit_report", "fcs": 0x12, "pi": 6, "dcs": 4, "data_hex": "7265706F7274"],
    ]

    @Test("A7: malformed TPDUs are refused in a sentence, whatever their type", arguments: ["malformed", "other_tpdu"])
    func refused(kind: String) throws {
        var tally = Tally(kind)
        for vector in try VectorFile.all() where vector.kind == kind {
            let reading = Self.readAllTheSame[vector.id]
            do throws(PDUError) {
                let decoded = try vector.decode(vector.pdu)
                let fields = VectorFields(
                    decoded, bytes: Hex.decode(vector.pdu) ?? [], hasServiceCentre: vector.hasServiceCentre)
                tally.record(vector, reading.map { fields.differences(from: $0) } ?? ["accepted"])
                if reading != nil { tally.note(vector, "may be refused; is read") }
            } catch {
                tally.record(vector, reading != nil || error.description.isEmpty ? ["refused: \(error)"] : [])
            }
        }
        tally.check()
    }

    @Test("decoded messages encode to the octets they came from", arguments: ["deliver", "submit", "status_report"])
    func encoding(kind: String) throws {
        var tally = Tally("\(kind) again")
        for vector in try VectorFile.all() where vector.kind == kind {
            guard vector.expect["number"] != nil, vector.id != "v0066" else {
                tally.skip(vector, "its address is malformed")
                continue
            }
            let decoded = try vector.decode(vector.pdu)
            let again: [UInt8] =
                switch decoded.tpdu {
                case .deliver(let message): message.encode(withServiceCentre: vector.hasServiceCentre)
                case .submit(let message): message.encode(withServiceCentre: vector.hasServiceCentre)
                case .statusReport(let report): report.encode(withServiceCentre: vector.hasServiceCentre)
                default: []
                }
            let second = try TPDU.decode(
                again, direction: vector.direction, hasServiceCentre: vector.hasServiceCentre)
            let came = Array((Hex.decode(vector.pdu) ?? []).prefix(decoded.length))
            if second == decoded.tpdu, again == came {
                tally.record(vector, [])
            } else if second == decoded.tpdu {
                tally.note(vector, "same meaning, other spare bits: \(Hex.encode(again)) for \(Hex.encode(came))")
                tally.record(vector, [])
            } else {
                tally.record(vector, ["\(second) for \(decoded.tpdu)"])
            }
        }
        tally.check()
    }

    @Test("submitted texts encode to the octets expected")
    func submitEncoding() throws {
        var tally = Tally("submit_encode")
        for vector in try VectorFile.all() where vector.kind == "submit_encode" {
            let wanted = vector.expect["pdus"] as? [String] ?? [vector.pdu]
            let found = try SubmitVector(vector).pdus()
            tally.record(vector, found == wanted ? [] : ["\(found), not \(wanted)"])
        }
        tally.check()
    }

    @Test("A8: parts join to the text expected")
    func concatenation() throws {
        var tally = Tally("concat")
        for vector in try VectorFile.all() where vector.kind == "concat" {
            var parts: [UserData] = []
            for pdu in vector.pdus {
                switch try vector.decode(pdu).tpdu {
                case .deliver(let message): parts.append(message.userData)
                case .submit(let message): parts.append(message.userData)
                default: tally.record(vector, ["no text"])
                }
            }
            parts.sort { ($0.concatenation?.sequence ?? 0) < ($1.concatenation?.sequence ?? 0) }
            let wanted = (vector.expect["text"] ?? vector.expect["data_hex"]) as? String
            let found = Reassembly.text(of: parts)
            tally.record(vector, found == wanted ? [] : ["\(found), not \(wanted ?? "")"])
        }
        tally.check()
    }

    @Test("alphabets, addresses, times and periods are as expected")
    func charsets() throws {
        var tally = Tally("charset")
        for vector in try VectorFile.all() where vector.kind == "charset" {
            let charset = CharsetVector(vector)
            guard let problem = charset.problem() else {
                tally.skip(vector, "operation \(vector.operation)")
                continue
            }
            tally.record(vector, problem.isEmpty ? [] : [problem])
        }
        tally.check()
    }

    @Test("cell broadcasts are not in scope")
    func cellBroadcasts() throws {
        for vector in try VectorFile.all() where vector.kind == "cell_broadcast" {
            #expect(!vector.isAsked, "\(vector.id) is asked for")
        }
    }

    @Test("A7: no beginning of any vector stops the codec", arguments: [true, false])
    func prefixes(hasServiceCentre: Bool) throws {
        var decoded = 0
        var refused = 0
        for vector in try VectorFile.all() {
            for pdu in vector.pdus {
                let bytes = Hex.decode(pdu) ?? []
                for length in 0...bytes.count {
                    for direction in [TPDU.Direction.mobileTerminated, .mobileOriginated] {
                        let outcome = Probe.use(
                            Array(bytes.prefix(length)), direction: direction, hasServiceCentre: hasServiceCentre)
                        if outcome { decoded += 1 } else { refused += 1 }
                    }
                }
            }
        }
        #expect(decoded > 400 && refused > decoded, "\(decoded) decoded, \(refused) refused")
    }
}

/// What came of the vectors of one kind; it is printed, so that a run says what it left out.
struct Tally {
    private let kind: String
    private var passed = 0
    private var failures: [String] = []
    private var skipped: [String] = []
    private var notes: [String] = []

    init(_ kind: String) {
        self.kind = kind
    }

    mutating func record(_ vector: Vector, _ problems: [String]) {
        if problems.isEmpty { passed += 1 } else { failures.append("\(vector.id) \(problems.joined(separator: "; "))") }
    }

    mutating func skip(_ vector: Vector, _ reason: String) { skipped.append("\(vector.id) (\(reason))") }

    mutating func note(_ vector: Vector, _ text: String) { notes.append("\(vector.id) (\(text))") }

    func check() {
        print("vectors \(kind): \(passed) passed, \(failures.count) failed, \(skipped.count) skipped")
        for line in skipped { print("  skipped \(line)") }
        for line in notes { print("  note \(line)") }
        #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
        #expect(passed > 0, "no vector of kind \(kind) was tried")
    }
}
