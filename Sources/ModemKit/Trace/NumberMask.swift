/// Puts numbers in the place of telephone numbers that belong to nobody, of the same count of digits.
///
/// The same number becomes the same one for as long as the process lives, so that a replay can tell people apart; which
/// it was cannot be found out: the key is random, and some thousands of numbers at most are used.
enum NumberMask {
    private static let key = UInt64.random(in: .min ... .max)

    /// Digits 0...9 for those of a number, whatever its own were; 10 and 11 are `*` and `#`.
    static func digits(for number: some Collection<UInt8>) -> [UInt8] {
        var hash = key
        for digit in number { hash = (hash ^ UInt64(digit)) &* 0x0000_0100_0000_01B3 }
        hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
        hash ^= hash >> 33
        func draw(_ count: UInt64) -> UInt8 {
            defer { hash /= count }
            return UInt8(hash % count)
        }
        let count = number.count
        // 555-0100 to 555-0199 are kept free in North America for use in fiction, in any area.
        let line: [UInt8] = [5, 5, 5, 0, 1, draw(10), draw(10)]
        let area: [UInt8] = [2 + draw(8), 0, 1 + draw(9)]
        switch count {
        case ...7: return Array(line.suffix(count))
        case 8...9: return [UInt8](repeating: 0, count: count - 7) + line
        case 10: return area + line
        case 11: return [1] + area + line
        // Kept free for fiction in the United Kingdom: +44 7700 900 000 to 999.
        case 12: return [4, 4, 7, 7, 0, 0, 9, 0, 0, draw(10), draw(10), draw(10)]
        // +999 belongs to no country.
        default: return [9, 9, 9] + [UInt8](repeating: 0, count: count - 13) + area + line
        }
    }
}
