/// Random numbers that are the same in every run (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    /// A text of 1 to 700 characters: of the 7-bit alphabet alone, or of anything that Unicode has.
    mutating func text() -> String {
        let alphabet = Array(
            "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789abcXYZ^{}\\[~]|€".unicodeScalars)
        let isPlain = Bool.random(using: &self)
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 1...700, using: &self) {
            let ranges: [ClosedRange<UInt32>] = [
                0x20...0x7E, 0x00...0xFF, 0x370...0x5FF, 0x1F600...0x1F64F, 0...0x10FFFF,
            ]
            let range = ranges.randomElement(using: &self) ?? 0x20...0x7E
            let anything = Unicode.Scalar(UInt32.random(in: range, using: &self))
            let plain = alphabet.randomElement(using: &self)
            if let scalar = isPlain ? plain : anything ?? plain { text.append(scalar) }
        }
        return String(text)
    }
}
