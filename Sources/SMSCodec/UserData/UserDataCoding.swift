extension UserData {
    /// The most octets that user data takes on the air.
    static let maximumOctets = 140

    /// The octets that the header takes with its length octet.
    private var headerOctets: Int { header.map { $0.count + 1 } ?? 0 }

    /// The octets that this takes on the air, the length octet left out; more than 140 do not fit.
    public var octetCount: Int {
        guard encoding == .gsm7 else { return headerOctets + content.count }
        return (Self.headerSeptets(headerOctets) * 7 + content.count * 7 + 7) / 8
    }

    /// TP-UDL: septets with those that the header fills in the 7-bit alphabet, else octets.
    public var lengthField: Int {
        encoding == .gsm7 ? Self.headerSeptets(headerOctets) + content.count : headerOctets + content.count
    }

    /// The septets that a header of `octets` octets fills, the last one with fill bits.
    private static func headerSeptets(_ octets: Int) -> Int { (octets * 8 + 6) / 7 }

    /// Reads length and user data.
    static func read(
        _ reader: inout ByteReader, coding: DataCoding, hasHeader: Bool
    ) throws(PDUError) -> UserData {
        let lengthPlace = reader.position
        let length = Int(try reader.octet("user data length"))
        guard !coding.isCompressed else {
            throw PDUError(.compressed, offset: lengthPlace, detail: "the data coding scheme says so")
        }
        let encoding = coding.encoding
        let count = encoding == .gsm7 ? GSM7.octets(for: length, fillBits: 0) : length
        guard count <= reader.remaining else {
            throw PDUError(
                .userDataTruncated, offset: lengthPlace,
                detail: "\(count) octets announced, \(reader.remaining) are there")
        }
        let start = reader.position
        let octets = try reader.octets(count, "user data")
        guard hasHeader else { return UserData(octets, encoding: encoding, length: length, header: nil) }
        guard let headerLength = octets.first.map({ Int($0) }), headerLength < count else {
            throw PDUError(.headerMissing, offset: start, detail: "the user data has \(count) octets")
        }
        let header = Array(octets[start + 1..<start + 1 + headerLength])
        return UserData(octets.dropFirst(headerLength + 1), encoding: encoding, length: length, header: header)
    }

    private init(_ octets: ArraySlice<UInt8>, encoding: Encoding, length: Int, header: [UInt8]?) {
        self.header = header
        self.encoding = encoding
        guard encoding == .gsm7 else {
            content = Array(octets)
            return
        }
        let before = header.map { $0.count + 1 } ?? 0
        let septetsBefore = Self.headerSeptets(before)
        content = GSM7.unpack(octets, count: length - septetsBefore, fillBits: septetsBefore * 7 - before * 8)
    }

    /// Writes length and user data. What does not fit on the air (`octetCount`) is written all the same, and every
    /// network refuses it.
    func write(to bytes: inout [UInt8]) {
        bytes.append(UInt8(clamping: lengthField))
        if let header {
            bytes.append(UInt8(clamping: header.count))
            bytes += header
        }
        if encoding == .gsm7 {
            let fill = Self.headerSeptets(headerOctets) * 7 - headerOctets * 8
            bytes += GSM7.pack(content, fillBits: fill)
            // Without a text the fill bits stand alone, and the length field counts their octet.
            if content.isEmpty, fill > 0 { bytes.append(0) }
        } else {
            bytes += content
        }
    }
}
