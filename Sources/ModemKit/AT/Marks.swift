/// The lines by which modems say, unasked, how they stand: those of all families, since which modem it is, is not known
/// when it starts.
enum Marks {
    private struct Mark {
        var text: [UInt8]
        var isWhole: Bool
        var event: Unsolicited
    }

    /// By their first byte.
    private static let byFirst: [[Mark]] = {
        var table = [[Mark]](repeating: [], count: 256)
        func add(_ texts: some Sequence<String>, isWhole: Bool, _ event: Unsolicited) {
            for text in texts {
                let bytes = Array(text.utf8)
                table[Int(bytes[0])].append(Mark(text: bytes, isWhole: isWhole, event: event))
            }
        }
        let families = ModemFamily.all
        // Whole lines first: what is a mark of one maker may begin like the noise of another.
        add(Set(families.flatMap(\.startMarks)).sorted(), isWhole: true, .booted)
        add(Set(families.flatMap(\.readyMarks)).sorted(), isWhole: true, .smsReady)
        add(Set(families.flatMap(\.noise)).union(common).sorted(), isWhole: false, .other)
        return table
    }()

    /// What many modems say, and what TS 27.007 has.
    private static let common: Set<String> = [
        "+CBM:", "+CBMI:", "+CCWA:", "+CIEV:", "+CGEV:", "+CUSATP:", "+CTZV:", "+CTZE:", "+CSSI:", "+CSSU:", "+COLP:",
        "+CPOSI:", "+STIN:", "+PACSP", "+CMWT:", "+CRC:",
    ]

    /// What `line` says; nil where it is no mark.
    static func event(_ line: ArraySlice<UInt8>) -> Unsolicited? {
        guard let first = line.first else { return nil }
        return byFirst[Int(first)].first { mark in
            mark.isWhole ? line.elementsEqual(mark.text) : line.starts(with: mark.text)
        }?.event
    }
}
