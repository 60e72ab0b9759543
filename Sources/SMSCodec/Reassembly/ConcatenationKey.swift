/// What the parts of one text have in common: sender, reference, width of the reference, number of parts, and the SIM
/// that received them (TS 23.040 §9.2.3.24.1). Two texts may share it, for references come round again.
public struct ConcatenationKey: Sendable, Hashable, LosslessStringConvertible {
    /// The SIM that received the part; no spaces.
    public let sim: String
    /// The sender, as the caller writes senders.
    public let sender: String
    /// The sender's number for the text.
    public let reference: UInt16
    /// True when the reference has 16 bits: 7 of 8 bits and 7 of 16 are two texts.
    public let isWide: Bool
    /// How many parts the text has, from 2.
    public let total: UInt8

    /// Nil when a part at `place` stands alone: without a place, one of one, or with a place outside its text.
    public init?(_ place: Concatenation?, sender: String, sim: String) {
        guard let place, place.total > 1, (1...place.total).contains(place.sequence) else { return nil }
        (self.sender, self.sim) = (sender, sim)
        (reference, isWide, total) = (place.reference, place.isWide, place.total)
    }

    /// Reads `description`; nil for anything else.
    public init?(_ description: String) {
        guard let first = description.firstIndex(of: " "), let last = description.lastIndex(of: " "), first < last
        else { return nil }
        let name = description[description.index(after: last)...]
        let numbers = name.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        guard let width = name.first, width == "w" || width == "n", numbers.count == 2,
            let reference = UInt16(numbers[0]), let total = UInt8(numbers[1]), total > 1,
            width == "w" || reference <= UInt8.max
        else { return nil }
        sim = String(description[..<first])
        sender = String(description[description.index(after: first)..<last])
        (self.reference, isWide, self.total) = (reference, width == "w", total)
    }

    /// SIM, sender and `n7/3`, or `w7/3` for a wide reference. It holds a person's number: never for logs.
    public var description: String { "\(sim) \(sender) \(isWide ? "w" : "n")\(reference)/\(total)" }
}
