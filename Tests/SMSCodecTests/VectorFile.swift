import Foundation
import SMSCodec

/// The public vectors, found through the environment alone: they are not part of this project.
enum VectorFile {
    static let path: String? = ProcessInfo.processInfo.environment["CONDUCTOR_TEST_DATA"].map {
        $0 + "/pdu-vectors.json"
    }

    static func all() throws -> [Vector] {
        guard let path else { return [] }
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        let rows = try JSONSerialization.jsonObject(with: data) as? [[String: Any]] ?? []
        return rows.map(Vector.init)
    }
}

/// One vector, with its fields at hand.
struct Vector {
    let row: [String: Any]

    var id: String { row["id"] as? String ?? "?" }
    var kind: String { row["kind"] as? String ?? "?" }
    var level: String { row["level"] as? String ?? "?" }
    var operation: String { row["op"] as? String ?? "?" }
    var input: [String: Any] { row["input"] as? [String: Any] ?? [:] }
    var fields: [String: Any] { row["fields"] as? [String: Any] ?? [:] }
    var expect: [String: Any] { row["expect"] as? [String: Any] ?? [:] }
    var hasServiceCentre: Bool { row["has_smsc"] as? Bool ?? true }
    var direction: TPDU.Direction { row["direction"] as? String == "mo" ? .mobileOriginated : .mobileTerminated }
    var pdu: String { row["pdu"] as? String ?? "" }
    var pdus: [String] { row["pdus"] as? [String] ?? [pdu] }
    var isAsked: Bool { level == "must" || level == "should" }

    func decode(_ hex: String) throws(PDUError) -> (tpdu: TPDU, length: Int) {
        guard let bytes = Hex.decode(hex) else { throw PDUError(.notHexadecimal, detail: "the vector") }
        return try TPDU.decodePrefix(bytes, direction: direction, hasServiceCentre: hasServiceCentre)
    }
}
