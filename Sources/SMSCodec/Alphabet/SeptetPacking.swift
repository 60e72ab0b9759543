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
            var buffer: UInt64 = 0
            var bits = 0
            var next = 0
            var skip = fillBits
            var done = 0
            while done < wanted {
                // 56 bits are eight septets: refilled seven octets at a time.
                while bits <= 56, next < octets.count {
                    buffer |= UInt64(octets[next]) << UInt64(bits)
                    bits += 8
                    next += 1
                }
                buffer >>= UInt64(skip)
                bits -= skip
                skip = 0
                while bits >= 7, done < wanted {
                    septets[done] = UInt8(truncatingIfNeeded: buffer) & 0x7F
                    buffer >>= 7
                    bits -= 7
                    done += 1
                }
            }
            initialized = wanted
        }
    }
}
