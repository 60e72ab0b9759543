/// How the user data of one part is written.
public enum Encoding: String, Sendable, Hashable, CaseIterable {
    /// The GSM 7-bit default alphabet.
    case gsm7
    /// Octets without a meaning for people.
    case octets
    /// Big-endian UCS-2, read as UTF-16.
    case ucs2
}
