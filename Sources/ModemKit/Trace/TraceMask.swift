/// Masks one port's dialogue, line by line and in place: telephone numbers, texts, PINs and PUKs, IMSI, ICCID. What it
/// does not know is masked; every line keeps its length and its structure.
///
/// Kept whole are only what `MaskRule` names, final results, lines by which modems say how they stand, and what a modem
/// answers when it is asked for its maker, model and IMEI. Nothing beyond ASCII is kept at all.
struct TraceMask {
    /// How lines without a name are masked: they answer this command.
    private var asked = MaskRule.nothing
    /// The header before says that this is a PDU, and which way it goes.
    private var bodyIsSent: Bool?
    /// The text of +CUSD goes on until its quote is closed.
    private var isQuoted = false
    /// The body of a text in text mode was seen: it may have more lines.
    private var isInText = false

    private static let quote = UInt8(ascii: "\"")

    /// Masks what goes to the modem.
    mutating func sent(_ line: inout [UInt8]) {
        let range = Self.inside(line)
        defer { Self.makePlain(&line) }
        if isCommand(line[range]) {
            asked = command(&line, range)
            (bodyIsSent, isQuoted, isInText) = (nil, false, false)
            return
        }
        if !hex(&line, range, isSent: true) { FieldMask.text(&line, range) }
    }

    /// Masks a line that came from the modem.
    mutating func received(_ line: inout [UInt8]) {
        let range = Self.inside(line)
        defer { Self.makePlain(&line) }
        guard let first = line[range].first else { return }
        let text = line[range]
        if isQuoted, continueQuote(&line, range) { return }
        if let isSent = bodyIsSent, takeBody(&line, range, isSent: isSent) { return }
        switch first {
        case UInt8(ascii: "+"), UInt8(ascii: "^"), UInt8(ascii: "*"), UInt8(ascii: "$"), UInt8(ascii: "%"),
            UInt8(ascii: "#"):
            result(&line, range)
        case UInt8(ascii: ">") where text.count == 1:
            break
        default:
            if ATResult(line: text) != nil {
                (isInText, asked) = (false, .nothing)
            } else if text.elementsEqual("RING".utf8) {
                break
            } else if let mark = Marks.event(text), !isInText {
                // Of noise only the beginning is known; what is in capitals throughout is a modem's.
                let isModems = text.allSatisfy { $0 <= 0x5A && !FieldMask.isDigit($0) }
                if mark == .other, !isModems { FieldMask.plain(&line, range) }
            } else if isCommand(text) {
                _ = command(&line, range)
            } else {
                unnamed(&line, range)
            }
        }
    }

    /// Masks a line that did not come whole.
    mutating func cut(_ line: inout [UInt8]) {
        FieldMask.text(&line, Self.inside(line))
        Self.makePlain(&line)
    }

    // MARK: Commands

    private func isCommand(_ text: ArraySlice<UInt8>) -> Bool {
        text.count >= 2 && text[text.startIndex] | 0x20 == UInt8(ascii: "a")
            && text[text.startIndex + 1] | 0x20 == UInt8(ascii: "t")
    }

    /// Returns how lines that answer it are masked.
    private func command(_ line: inout [UInt8], _ range: Range<Int>) -> MaskRule {
        let text = line[range]
        let rest = text.dropFirst(2)
        guard let sigil = rest.first, !Self.isNameByte(sigil) else {
            // Basic commands: what they set is one digit or two. A dial string is a number.
            let isShort = rest.count <= 3 && rest.first.map { $0 | 0x20 != UInt8(ascii: "d") } ?? true
            if !isShort { FieldMask.text(&line, rest.startIndex + 1..<range.upperBound) }
            return rest.elementsEqual("I".utf8) ? .information : .nothing
        }
        let name = rest.dropFirst().prefix(while: Self.isNameByte)
        let values = name.endIndex..<range.upperBound
        // Several commands in one line: the first one's name says nothing of the others.
        guard !text.contains(UInt8(ascii: ";")) else {
            FieldMask.plain(&line, values)
            return .nothing
        }
        let rule = MaskRule.named(name)
        switch rule {
        case .all, .information: break
        case .ussd: ussd(&line, values)
        case .secret, .plain, .identity, .header, .nothing: FieldMask.plain(&line, values)
        }
        return rule
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A || FieldMask.isDigit(byte)
    }

    // MARK: Answers

    /// A line that begins with the name of a result code.
    private mutating func result(_ line: inout [UInt8], _ range: Range<Int>) {
        let text = line[range]
        let name = text.dropFirst().prefix(while: Self.isNameByte)
        guard name.endIndex < range.upperBound, line[name.endIndex] == UInt8(ascii: ":"),
            name.first.map({ !FieldMask.isDigit($0) }) ?? false
        else {
            // `^SYSSTART`, or something that only begins like a name: a number does, and many a text.
            if !MaskRule.named(name).keepsAll, Marks.event(text) == nil { FieldMask.text(&line, range) }
            return
        }
        let values = name.endIndex..<range.upperBound
        switch MaskRule.named(name) {
        case .all, .information, .secret: break
        case .plain, .nothing:
            if ATResult(line: text) == nil { FieldMask.plain(&line, values) }
        case .identity: FieldMask.identity(&line, values)
        case .ussd: openUSSD(&line, values)
        case .header:
            let isIndexed = name.elementsEqual("CMGL".utf8)
            header(&line, values, isListed: isIndexed || name.elementsEqual("CMGR".utf8), hasIndex: isIndexed)
        }
    }

    /// A line without a name answers the last command.
    private func unnamed(_ line: inout [UInt8], _ range: Range<Int>) {
        switch asked {
        case .information where !isInText:
            // A modem that is asked for everything may tell its SIM, too; its IMEI stays.
            let text = line[range]
            let isIMEI =
                (14...17).contains(text.count(where: FieldMask.isDigit))
                && (text.allSatisfy { FieldMask.isDigit($0) || $0 == Self.quote } || text.starts(with: "IMEI".utf8))
            if !isIMEI { FieldMask.identity(&line, range) }
        case .identity where HexBytes.isHex(line[range].filter { $0 != Self.quote }):
            FieldMask.identity(&line, range)
        default: FieldMask.text(&line, range)
        }
    }

    private mutating func header(_ line: inout [UInt8], _ values: Range<Int>, isListed: Bool, hasIndex: Bool) {
        var isSent = false
        if isListed, case .entry(let entry) = StoredEntry.header(line[values].dropFirst(), hasIndex: hasIndex) {
            isSent = entry.state == 2 || entry.state == 3
        }
        // One modem prints the body on the header's line.
        let tail = line[values].lastIndex(of: UInt8(ascii: ",")).map { $0 + 1..<values.upperBound } ?? values
        if tail.count > 20, hex(&line, tail, isSent: isSent) {
            FieldMask.plain(&line, values.lowerBound..<tail.lowerBound)
            return
        }
        FieldMask.plain(&line, values)
        bodyIsSent = isSent
    }

    /// True when the line was the body of the header before.
    private mutating func takeBody(_ line: inout [UInt8], _ range: Range<Int>, isSent: Bool) -> Bool {
        if hex(&line, range, isSent: isSent) {
            bodyIsSent = nil
            return true
        }
        // An indication may come between the two; an empty slot has no body.
        guard ATResult(line: line[range]) == nil else {
            bodyIsSent = nil
            return false
        }
        if line[range].first == UInt8(ascii: "+") || line[range].elementsEqual("RING".utf8) { return false }
        bodyIsSent = nil
        isInText = true
        FieldMask.text(&line, range)
        return true
    }

    // MARK: USSD

    private mutating func openUSSD(_ line: inout [UInt8], _ values: Range<Int>) {
        isQuoted = !line[values].count(where: { $0 == Self.quote }).isMultiple(of: 2)
        ussd(&line, values)
    }

    /// The text lies between the first comma and the number of the alphabet, in quotes or not.
    private func ussd(_ line: inout [UInt8], _ values: Range<Int>) {
        let comma = line[values].firstIndex(of: UInt8(ascii: ",")) ?? values.upperBound
        FieldMask.plain(&line, values.lowerBound..<comma)
        guard comma < values.upperBound else { return }
        var start = comma + 1
        var end = values.upperBound
        // While the quote is open, a number at the end is one of the text's.
        if !isQuoted, let last = line[start..<end].lastIndex(of: UInt8(ascii: ",")),
            line[(last + 1)..<end].allSatisfy({ FieldMask.isDigit($0) || $0 == 0x20 }), end - last <= 4
        {
            end = last
        }
        while start < end, line[start] == 0x20 { start += 1 }
        if start < end, line[start] == Self.quote { start += 1 }
        if start < end, line[end - 1] == Self.quote { end -= 1 }
        if start < end { FieldMask.ussd(&line, start..<end) }
    }

    /// True when the line is more of a USSD text.
    private mutating func continueQuote(_ line: inout [UInt8], _ range: Range<Int>) -> Bool {
        guard ATResult(line: line[range]) == nil else {
            isQuoted = false
            return false
        }
        guard let end = line[range].lastIndex(of: Self.quote) else {
            FieldMask.text(&line, range)
            return true
        }
        isQuoted = false
        FieldMask.text(&line, range.lowerBound..<end)
        FieldMask.plain(&line, end + 1..<range.upperBound)
        return true
    }

    // MARK: Octets

    /// Masks a PDU in hex; false when the range holds none.
    private func hex(_ line: inout [UInt8], _ range: Range<Int>, isSent: Bool) -> Bool {
        guard !range.isEmpty, var octets = HexBytes.decode(line[range]) else { return false }
        PDUMask.mask(&octets, isSent: isSent)
        let isLower = line[range].contains { $0 >= 0x61 }
        for (offset, octet) in octets.enumerated() {
            line[range.lowerBound + 2 * offset] = Self.digit(octet >> 4, isLower)
            line[range.lowerBound + 2 * offset + 1] = Self.digit(octet & 0x0F, isLower)
        }
        return true
    }

    private static func digit(_ value: UInt8, _ isLower: Bool) -> UInt8 {
        value < 10 ? 0x30 + value : (isLower ? 0x57 : 0x37) + value
    }

    /// Where the line's text is: between spaces and control characters.
    private static func inside(_ line: [UInt8]) -> Range<Int> {
        func isEdge(_ byte: UInt8) -> Bool { byte <= 0x20 || byte == 0x7F }
        guard let first = line.firstIndex(where: { !isEdge($0) }), let last = line.lastIndex(where: { !isEdge($0) })
        else { return 0..<0 }
        return first..<last + 1
    }

    private static func makePlain(_ line: inout [UInt8]) {
        for index in line.indices where line[index] >= 0x80 { line[index] = FieldMask.letter }
    }
}
