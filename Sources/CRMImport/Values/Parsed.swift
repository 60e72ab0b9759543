/// What a field says.
enum Parsed<Value: Equatable & Sendable>: Equatable, Sendable {
    /// Nothing: what is known stays as it is.
    case blank
    case value(Value)
    /// It cannot be taken: a reason, without the value itself.
    case refused(String)

    func map<Other: Sendable>(_ change: (Value) -> Other) -> Parsed<Other> {
        switch self {
        case .blank: .blank
        case .value(let value): .value(change(value))
        case .refused(let reason): .refused(reason)
        }
    }
}

typealias Bytes = UnsafeBufferPointer<UInt8>

extension UInt8 {
    var isDigit: Bool { self &- 0x30 < 10 }
    var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }
}
