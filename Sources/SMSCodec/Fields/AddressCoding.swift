extension Address {
    /// An address field is at most 12 octets, ten of them value (TS 23.040 §9.1.2.5).
    static let maximumSemiOctets = 20
    static let maximumSeptets = 11
    /// A service-centre address: type and at most ten octets in TS 24.011; one more is let pass.
    private static let maximumServiceCentreOctets = 12
    private static let maximumServiceCentreSeptets = 12

    /// Reads the address of a TPDU: its length counts semi-octets and leaves the type out.
    static func read(_ reader: inout ByteReader) throws(PDUError) -> Address {
        let place = reader.position
        let count = Int(try reader.octet("address length"))
        guard count <= maximumSemiOctets else {
            throw PDUError(.addressTooLong, offset: place, detail: "\(count) semi-octets, at most 20 are possible")
        }
        let type = try reader.octet("type of address")
        return Address(
            typeOfAddress: type, semiOctets: count, octets: try reader.octets((count + 1) / 2, "address"))
    }

    /// Reads a service-centre address: its length counts octets, the type among them; nil when it is empty.
    static func readServiceCentre(_ reader: inout ByteReader) throws(PDUError) -> Address? {
        let place = reader.position
        let count = Int(try reader.octet("length of the service-centre address"))
        guard count > 0 else { return nil }
        guard count <= reader.remaining else {
            throw PDUError(.truncated, offset: place, detail: "end of the service-centre address")
        }
        guard count <= maximumServiceCentreOctets else {
            throw PDUError(
                .addressTooLong, offset: place,
                detail: "\(count) octets of service-centre address, at most 11 are usual")
        }
        let type = try reader.octet("type of the service-centre address")
        let octets = try reader.octets(count - 1, "service-centre address")
        return Address(typeOfAddress: type, semiOctets: octets.count * 2, octets: octets, countsOctets: true)
    }

    private init(typeOfAddress: UInt8, semiOctets: Int, octets: ArraySlice<UInt8>, countsOctets: Bool = false) {
        self.typeOfAddress = typeOfAddress
        if typeOfAddress >> 4 & 0x07 == 5 {
            let name = GSM7.text(of: GSM7.unpack(octets, count: semiOctets * 4 / 7))
            // A length in octets cannot tell a name of seven septets from one of eight whose last is a zero.
            let isFilled = countsOctets && name.utf8.last == 0x40 && GSM7.septets(of: name)?.count == 8
            value = isFilled ? String(name.dropLast()) : name
            return
        }
        // Digits are ASCII: 15 of them live in the String itself, without memory of their own.
        value = String(unsafeUninitializedCapacity: semiOctets) { characters in
            var length = 0
            for place in 0..<semiOctets {
                let octet = octets[octets.startIndex + place / 2]
                let semiOctet = place % 2 == 0 ? octet & 0x0F : octet >> 4
                guard semiOctet != 0x0F else { continue }
                characters[length] = Self.character(of: semiOctet)
                length += 1
            }
            return length
        }
    }

    /// Writes the address field of a TPDU.
    func write(to bytes: inout [UInt8]) {
        if isAlphanumeric {
            let septets = nameSeptets()
            bytes.append(UInt8((septets.count * 7 + 3) / 4))
            bytes.append(typeOfAddress)
            bytes += GSM7.pack(septets)
            return
        }
        let digits = isEncodable ? value : ""
        bytes.append(UInt8(digits.utf8.count))
        bytes.append(typeOfAddress)
        Self.writeSemiOctets(digits, to: &bytes)
    }

    /// Writes a service-centre address; nil, or one that cannot be written, as the zero that lets the modem use its own.
    static func writeServiceCentre(_ address: Address?, to bytes: inout [UInt8]) {
        guard let address else {
            bytes.append(0)
            return
        }
        var octets: [UInt8] = []
        if address.isAlphanumeric {
            octets = GSM7.pack(address.nameSeptets(atMost: maximumServiceCentreSeptets))
        } else {
            let digits = address.value.utf8
            guard digits.count <= maximumServiceCentreOctets * 2 - 2, digits.allSatisfy({ semiOctet(of: $0) != nil })
            else {
                bytes.append(0)
                return
            }
            writeSemiOctets(address.value, to: &octets)
        }
        bytes.append(UInt8(octets.count + 1))
        bytes.append(address.typeOfAddress)
        bytes += octets
    }

    /// The name's septets, cut after so many, but never between an escape and its character.
    private func nameSeptets(atMost maximum: Int = Address.maximumSeptets) -> ArraySlice<UInt8> {
        let septets = GSM7.septets(of: value) ?? []
        let cut = septets.prefix(maximum)
        return cut.count < septets.count && cut.last == GSM7.escape ? cut.dropLast() : cut
    }

    private static func writeSemiOctets(_ digits: String, to bytes: inout [UInt8]) {
        var low: UInt8?
        for digit in digits.utf8 {
            let value = semiOctet(of: digit) ?? 0x0F
            if let first = low {
                bytes.append(value << 4 | first)
                low = nil
            } else {
                low = value
            }
        }
        if let low { bytes.append(0xF0 | low) }
    }

    @inline(__always)
    private static func character(of semiOctet: UInt8) -> UInt8 {
        switch semiOctet {
        case 0x0A: 0x2A  // *
        case 0x0B: 0x23  // #
        case 0x0C...0x0E: semiOctet + 0x55  // a, b, c
        default: semiOctet + 0x30
        }
    }

    static func semiOctet(of character: UInt8) -> UInt8? {
        switch character {
        case 0x30...0x39: character - 0x30
        case 0x2A: 0x0A
        case 0x23: 0x0B
        case 0x41...0x43: character - 0x35
        case 0x61...0x63: character - 0x55
        default: nil
        }
    }
}
