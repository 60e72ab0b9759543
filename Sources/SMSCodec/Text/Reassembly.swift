/// The parts of a text put together again.
public enum Reassembly {
    /// What stands for a part that never came.
    static let gap = "[…]"

    /// The text of `parts` in their order; nil is a part that is missing and shows as "[…]".
    ///
    /// Parts of one encoding that follow each other are joined before they are read, for senders cut between an escape
    /// and its character, between the halves of a surrogate pair, and within a UTF-16 unit.
    public static func text(of parts: [UserData?]) -> String {
        var text = ""
        var joined: [UInt8] = []
        var encoding: Encoding?
        for part in parts {
            if let current = encoding, current != part?.encoding {
                text += UserData.text(of: joined, encoding: current)
                joined.removeAll(keepingCapacity: true)
            }
            encoding = part?.encoding
            if let part {
                joined += part.content
            } else {
                text += gap
            }
        }
        if let encoding { text += UserData.text(of: joined, encoding: encoding) }
        return text
    }
}
