/// Why octets were refused, or why a text cannot be sent.
///
/// The description is one sentence for people and log files. It never holds a number or a text of a person.
public struct PDUError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of refusal, for programs.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// The input is not an even number of hexadecimal digits.
        case notHexadecimal
        /// The octets end inside a field.
        case truncated
        /// An address announces more than a network can carry.
        case addressTooLong
        /// The message type is not one this codec reads in this direction.
        case unsupportedType
        /// The user data header is announced and is not there, or is longer than the user data.
        case headerMissing
        /// The user data is shorter than its length field says.
        case userDataTruncated
        /// The user data is compressed (TS 23.042), which no network in use does.
        case compressed
        /// A time that does not exist, where the time is all that the message tells.
        case impossibleTime
        /// There is no text to send.
        case emptyText
        /// The text needs more than 255 parts.
        case tooManyParts
    }

    /// What kind of refusal it is.
    public var code: Code
    /// The octet, counted from 0, at which reading stopped; nil where no octet is to blame.
    public var offset: Int?
    /// What was read or is missing; completes the sentence.
    public var detail: String

    /// A refusal of kind `code`; `detail` says what was read, never whose.
    public init(_ code: Code, offset: Int? = nil, detail: String) {
        self.code = code
        self.offset = offset
        self.detail = detail
    }

    /// One sentence.
    public var description: String {
        let place = offset.map { " (octet \($0))" } ?? ""
        switch code {
        case .notHexadecimal: return "not an even number of hexadecimal digits: \(detail)\(place)"
        case .truncated: return "the octets end before the \(detail)\(place)"
        case .addressTooLong: return "the address is too long: \(detail)\(place)"
        case .unsupportedType: return "this type of message is not supported: \(detail)\(place)"
        case .headerMissing: return "the user data header does not fit: \(detail)\(place)"
        case .userDataTruncated: return "the user data is cut short: \(detail)\(place)"
        case .compressed: return "compressed text is not supported: \(detail)\(place)"
        case .impossibleTime: return "the time is none: \(detail)\(place)"
        case .emptyText: return "an empty text cannot be sent: \(detail)"
        case .tooManyParts: return "the text is too long: \(detail)"
        }
    }
}
