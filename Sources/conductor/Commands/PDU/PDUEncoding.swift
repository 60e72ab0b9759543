import FoundationEssentials
import SMSCodec

/// The parts of a text, as one JSON object.
enum PDUEncoding {
    /// Why a request cannot be encoded, in words.
    private struct Refusal: Error {
        var reason: String
    }

    /// The line for `json`, one request.
    static func line(for json: [UInt8]) -> [UInt8] {
        do throws(Refusal) {
            return try object(for: try request(in: json)).line
        } catch {
            var object = PDUJSONObject()
            object.add("error", error.reason)
            return object.line
        }
    }

    private static func request(in json: [UInt8]) throws(Refusal) -> PDUEncodeRequest {
        do {
            return try JSONDecoder().decode(PDUEncodeRequest.self, from: Data(json))
        } catch DecodingError.keyNotFound(let key, _) {
            throw Refusal(reason: "\"\(key.stringValue)\" is missing")
        } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context) {
            let path = context.codingPath.map(\.stringValue).joined(separator: ".")
            throw Refusal(reason: path.isEmpty ? "not a JSON object" : "\"\(path)\" has the wrong type")
        } catch {
            throw Refusal(reason: "not a JSON object")
        }
    }

    private static func object(for request: PDUEncodeRequest) throws(Refusal) -> PDUJSONObject {
        guard let reference = UInt16(exactly: request.reference ?? 0) else {
            throw Refusal(reason: "\"reference\" is 0 to 65535")
        }
        let name = request.language ?? ""
        guard let tables = ShiftTables(named: name.isEmpty ? "auto" : name) else {
            throw Refusal(reason: "\"language\" is none, auto, or a language that has tables, as tr or hi")
        }
        let segmentation: Segmentation
        do throws(PDUError) {
            segmentation = try Segmentation.split(
                request.text, reference: reference, wideReference: reference > 0xFF, tables: tables)
        } catch {
            throw Refusal(reason: error.description)
        }
        let submits = try submits(of: request, parts: segmentation.parts, reference: UInt8(reference & 0xFF))
        var object = PDUJSONObject()
        object.add("pdus", submits.map { Hex.encode($0.encode(withServiceCentre: true)) })
        PDUCostDescription.add(segmentation, to: &object)
        // What is of the alphabet in one septet a character has no causes to tell.
        if segmentation.unitCount > request.text.unicodeScalars.count || segmentation.encoding != .gsm7
            || segmentation.shift != .none,
            let report = try? EncodingReport(request.text, wideReference: reference > 0xFF, tables: tables)
        {
            PDUCostDescription.add(report, to: &object)
        }
        return object
    }

    private static func submits(
        of request: PDUEncodeRequest, parts: [UserData], reference: UInt8
    ) throws(Refusal) -> [Submit] {
        let recipient = Address(number: request.number)
        guard recipient.isEncodable else {
            throw Refusal(reason: "\"number\" is not 1 to 20 digits, with a plus sign before them or none")
        }
        let serviceCentre = request.serviceCentre.map { Address(number: $0) }
        guard serviceCentre?.isEncodable ?? true else { throw Refusal(reason: "\"smsc\" is not a number") }
        if let messageClass = request.messageClass, !(0...3).contains(messageClass) {
            throw Refusal(reason: "\"class\" is 0 to 3")
        }
        if let minutes = request.validityMinutes, minutes < 1 {
            throw Refusal(reason: "\"validity_minutes\" is 1 or more")
        }
        return parts.map { part in
            Submit(
                serviceCentre: serviceCentre, reference: reference, recipient: recipient,
                requestReport: request.report ?? false, validity: request.validityMinutes.map { Validity(minutes: $0) },
                messageClass: request.messageClass.map { UInt8($0) }, userData: part)
        }
    }
}
