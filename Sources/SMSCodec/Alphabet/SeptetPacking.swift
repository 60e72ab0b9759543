extension GSM7 {
    /// The octets that `count` septets and `fillBits` bits before them take.
    static func octets(for count: Int, fillBits: Int) -> Int {
        (count * 7 + fillBits + 7) / 8
    }

    /// Septets, one an octet, squeezed to octets as TS 23.038 §6.1.2.1 says; `fillBits` (0...6) zero bits go first, so
    /// that the text begins on a septet boundary after a user data header.
    public static func pack(_ septets: some Collection<UInt8>, fillBits: Int = 0) -> [UInt8] {
        guard !septets.isEmpty else { return [] }
        var octets: [UInt8] = []
        octets.reserveCapacity(self.octets(for: septets.count, fillBits: fillBits))
        var buffer: UInt32 = 0
        var bits = fillBits
        for septet in septets {
            buffer |= UInt32(septet & 0x7F) << UInt32(bits)
            bits += 7
            if bits >= 8 {
                octets.append(UInt8(truncatingIfNeeded: buffer))
                buffer >>= 8
                bits -= 8
            }
        }
        if bits > 0 { octets.append(UInt8(truncatingIfNeeded: buffer)) }
        return octets
    }

    /// `count` septets, one an octet, out of `octets` after `fillBits` (0...6) bits; fewer when the octets end before.
    public static func unpack(_ octets: some Sequence<UInt8>, count: Int, fillBits: Int = 0) -> [UInt8] {
        let done = octets.withContiguousStorageIfAvailable { unpack(contiguous: $0, count: count, fillBits: fillBits) }
        return done
            ?? Array(octets).withUnsafeBufferPointer { unpack(contiguous: $0, count: count, fillBits: fillBits) }
    }

    private static func unpack(contiguous octets: UnsafeBufferPointer<UInt8>, count: Int, fillBits: Int) -> [UInt8] {
        let available = max(0, octets.count * 8 - fillBits) / 7
        let wanted = max(0, min(count, available))
        return [UInt8](unsafeUninitializedCapacity: wanted) { septets, initialized in
            let source = UnsafeRawBufferPointer(octets)
            let target = UnsafeMutableRawBufferPointer(septets)
            var done = 0
            var bit = fillBits
            // Eight septets are 56 bits: with the bits before them they lie within eight octets.
            while done + 8 <= wanted, bit / 8 + 8 <= source.count {
                let bits = UInt64(littleEndian: source.loadUnaligned(fromByteOffset: bit / 8, as: UInt64.self))
                target.storeBytes(
                    of: spread(bits >> UInt64(bit % 8)).littleEndian, toByteOffset: done, as: UInt64.self)
                done += 8
                bit += 56
            }
            while done < wanted {
                let place = bit / 8
                let next = place + 1 < octets.count ? UInt16(octets[place + 1]) << 8 : 0
                septets[done] = UInt8(truncatingIfNeeded: (UInt16(octets[place]) | next) >> UInt16(bit % 8)) & 0x7F
                done += 1
                bit += 7
            }
            initialized = wanted
        }
    }

    /// The lowest 56 bits as eight septets, one an octet: halves, quarters and eighths move apart in turn.
    @inline(__always)
    private static func spread(_ bits: UInt64) -> UInt64 {
        var lanes = bits & 0x0000_0000_0FFF_FFFF | (bits & 0x00FF_FFFF_F000_0000) << 4
        lanes = lanes & 0x0000_3FFF_0000_3FFF | (lanes & 0x0FFF_C000_0FFF_C000) << 2
        return lanes & 0x007F_007F_007F_007F | (lanes & 0x3F80_3F80_3F80_3F80) << 1
    }
}
