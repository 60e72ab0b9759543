/// UCS-2 user data, which phones have used as big-endian UTF-16 for as long as there are emoji.
enum UTF16Text {
    /// The text of `octets`; half a surrogate pair shows as U+FFFD, and an odd last octet is left out.
    static func text(of octets: some Sequence<UInt8>) -> String {
        let done = octets.withContiguousStorageIfAvailable { text(ofContiguous: $0) }
        return done ?? Array(octets).withUnsafeBufferPointer { text(ofContiguous: $0) }
    }

    /// The big-endian octets of `units`.
    static func octets(of units: some Collection<UInt16>) -> [UInt8] {
        var octets: [UInt8] = []
        octets.reserveCapacity(units.count * 2)
        for unit in units {
            octets.append(UInt8(truncatingIfNeeded: unit >> 8))
            octets.append(UInt8(truncatingIfNeeded: unit))
        }
        return octets
    }

    private static func text(ofContiguous octets: UnsafeBufferPointer<UInt8>) -> String {
        let count = octets.count / 2
        // A unit needs at most three octets of UTF-8; a surrogate pair four for two units.
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count * 3 + 1) { utf8 in
            var length = 0
            var index = 0
            while index < count {
                var scalar = UInt32(octets[2 * index]) << 8 | UInt32(octets[2 * index + 1])
                index += 1
                if scalar & 0xF800 == 0xD800 {
                    let low = index < count ? UInt32(octets[2 * index]) << 8 | UInt32(octets[2 * index + 1]) : 0
                    if scalar < 0xDC00, low & 0xFC00 == 0xDC00 {
                        scalar = 0x10000 + (scalar & 0x3FF) << 10 + (low & 0x3FF)
                        index += 1
                    } else {
                        scalar = 0xFFFD
                    }
                }
                length += write(scalar, to: utf8, at: length)
            }
            return String(decoding: UnsafeBufferPointer(rebasing: utf8[..<length]), as: UTF8.self)
        }
    }

    @inline(__always)
    private static func write(_ scalar: UInt32, to utf8: UnsafeMutableBufferPointer<UInt8>, at place: Int) -> Int {
        if scalar < 0x80 {
            utf8[place] = UInt8(truncatingIfNeeded: scalar)
            return 1
        }
        if scalar < 0x800 {
            utf8[place] = 0xC0 | UInt8(truncatingIfNeeded: scalar >> 6)
            utf8[place + 1] = 0x80 | UInt8(truncatingIfNeeded: scalar & 0x3F)
            return 2
        }
        if scalar < 0x10000 {
            utf8[place] = 0xE0 | UInt8(truncatingIfNeeded: scalar >> 12)
            utf8[place + 1] = 0x80 | UInt8(truncatingIfNeeded: scalar >> 6 & 0x3F)
            utf8[place + 2] = 0x80 | UInt8(truncatingIfNeeded: scalar & 0x3F)
            return 3
        }
        utf8[place] = 0xF0 | UInt8(truncatingIfNeeded: scalar >> 18)
        utf8[place + 1] = 0x80 | UInt8(truncatingIfNeeded: scalar >> 12 & 0x3F)
        utf8[place + 2] = 0x80 | UInt8(truncatingIfNeeded: scalar >> 6 & 0x3F)
        utf8[place + 3] = 0x80 | UInt8(truncatingIfNeeded: scalar & 0x3F)
        return 4
    }
}
