/// A number as people and programs write it, with all taken off that is no part of it.
struct WrittenNumber: Sendable {
    /// ASCII digits, without the mark.
    var digits: String
    /// Written with `+`: the calling code comes first.
    var isInternational: Bool

    /// Longer than any number with an extension and a `tel:` around it.
    private static let longest = 128

    /// Nil where something is in it that no number has: letters, two numbers, a sum in scientific notation.
    init?(_ written: String) {
        guard written.utf8.count <= Self.longest else { return nil }
        // As nearly all are written: nothing is to be taken off.
        let plus = written.utf8.first == UInt8(ascii: "+")
        let rest = written.utf8.dropFirst(plus ? 1 : 0)
        if !rest.isEmpty, rest.allSatisfy({ (0x30...0x39).contains($0) }) {
            digits = String(Substring(rest))
            isInternational = plus
            return
        }
        digits = ""
        isInternational = false
        var scalars = Self.bare(written)[...]
        if let plus = scalars.first, plus == "+" || plus == "\u{FF0B}" {
            isInternational = true
            scalars = scalars.dropFirst()
        }
        for scalar in scalars {
            guard let digit = Self.digit(scalar) else { return nil }
            digits.unicodeScalars.append(digit)
        }
        if digits.isEmpty { return nil }
    }

    /// Without the scheme of a URI and its parameters, without an extension, without what stands between digits.
    private static func bare(_ written: String) -> [Unicode.Scalar] {
        var rest = Array(written.unicodeScalars.filter { !separators.contains($0) })
        let text = String(String.UnicodeScalarView(rest)).lowercased()
        for scheme in ["tel:", "sms:", "smsto:"] where text.hasPrefix(scheme) {
            // RFC 3966, RFC 5724: parameters follow `;`, a body `?`.
            rest = Array(rest.dropFirst(scheme.utf8.count).prefix { $0 != ";" && $0 != "?" })
        }
        return withoutExtension(rest)
    }

    /// `x12`, `ext12`, `#12` at the end: nobody can text an extension, but the number before it takes texts.
    private static func withoutExtension(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        let tail = scalars.reversed().prefix { digit($0) != nil }.count
        guard (1...7).contains(tail), tail < scalars.count else { return scalars }
        let head = scalars.dropLast(tail)
        for mark in ["extension", "extn", "ext", "x", "#"] {
            let letters = head.suffix(mark.utf8.count)
            guard String(String.UnicodeScalarView(letters)).lowercased() == mark else { continue }
            let number = Array(head.dropLast(mark.utf8.count))
            // What is left must be a number with an area code: `x1234567` is none.
            return number.count >= 7 ? number : scalars
        }
        return scalars
    }

    /// ASCII and full-width digits, and those of other scripts.
    private static func digit(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        if scalar.isASCII { return ("0"..."9").contains(scalar) ? scalar : nil }
        guard scalar.properties.generalCategory == .decimalNumber, let value = scalar.properties.numericValue else {
            return nil
        }
        return Unicode.Scalar(UInt8(value) + UInt8(ascii: "0"))
    }

    /// What people put between digits, what word processors make of it, and the marks of writing direction that phones
    /// put around a copied number.
    private static let separators: Set<Unicode.Scalar> = [
        " ", "-", ".", "(", ")", "/", "\t", "\n", "\r", "\u{A0}", "\u{2010}", "\u{2011}", "\u{2012}", "\u{2013}",
        "\u{2014}", "\u{202F}", "\u{3000}", "\u{FF08}", "\u{FF09}", "\u{FF0D}", "\u{FEFF}", "\u{200B}", "\u{200E}",
        "\u{200F}", "\u{202A}", "\u{202C}", "\u{202D}", "\u{2060}", "\u{2066}", "\u{2068}", "\u{2069}",
    ]
}
