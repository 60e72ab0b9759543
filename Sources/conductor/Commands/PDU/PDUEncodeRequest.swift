/// One text to be encoded, as a line of JSON gives it.
struct PDUEncodeRequest: Decodable {
    var number: String
    var text: String
    /// True to ask for a status report.
    var report: Bool?
    var validityMinutes: Int?
    /// The message class, 0...3.
    var messageClass: Int?
    /// The number of the text, 0...65535: TP-MR, and the concatenation reference when there is more than one part,
    /// one of 16 bits from 256 on.
    var reference: Int?
    /// The service centre; left out, the SIM's own.
    var serviceCentre: String?
    /// The national tables that may be used: `none`, `auto` (the default), or a language by its code or English name.
    var language: String?

    enum CodingKeys: String, CodingKey {
        case number, text, report, reference, language
        case validityMinutes = "validity_minutes"
        case messageClass = "class"
        case serviceCentre = "smsc"
    }
}
