/// The parts of a text put together again.
public enum Reassembly {
    /// What stands for a part that never came.
    static let gap = "[…]"

    /// The text of `parts` in their order; nil is a part that is missing and shows as "[…]".
    ///
    /// Parts of one alphabet (encoding and shift tables) that follow each other are joined before they are read, for
    /// senders cut between an escape and its character, between the halves of a surrogate pair, and within a UTF-16
    /// unit.
    public static func text(of parts: [UserData?]) -> String {
        var text = ""
        var joined: [UInt8] = []
        var alphabet: (encoding: Encoding, shift: NationalShift)?
        for part in parts {
            let next = part.map { (encoding: $0.encoding, shift: $0.shift) }
            if let current = alphabet, next.map({ $0 != current }) ?? true {
                text += UserData.text(of: joined, encoding: current.encoding, shift: current.shift)
                joined.removeAll(keepingCapacity: true)
            }
            alphabet = next
            if let part {
                joined += part.content
            } else {
                text += gap
            }
        }
        if let alphabet { text += UserData.text(of: joined, encoding: alphabet.encoding, shift: alphabet.shift) }
        return text
    }
}
