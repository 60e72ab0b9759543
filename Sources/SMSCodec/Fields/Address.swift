/// The address of a person, a service or a service centre (TS 23.040 §9.1.2.5).
public struct Address: Sendable, Hashable {
    /// The type-of-address octet as it is on the air: 1, type of number (three bits), numbering plan (four bits).
    public var typeOfAddress: UInt8
    /// The semi-octets as digits and `*#abc` without a plus sign, or the name when `isAlphanumeric`.
    public var value: String

    /// An address of the given type: `typeOfNumber` 0...7, `numberingPlan` 0...15.
    public init(typeOfNumber: UInt8, numberingPlan: UInt8, value: String) {
        typeOfAddress = 0x80 | (typeOfNumber & 0x07) << 4 | numberingPlan & 0x0F
        self.value = value
    }

    /// A telephone number: "+…" becomes an international one, all else one of unknown type, as a phone would dial it.
    public init(number: String) {
        if number.utf8.first == 0x2B {
            self.init(typeOfNumber: 1, numberingPlan: 1, value: String(number.dropFirst()))
        } else {
            self.init(typeOfNumber: 0, numberingPlan: 1, value: number)
        }
    }

    init(typeOfAddress: UInt8, value: String) {
        self.typeOfAddress = typeOfAddress
        self.value = value
    }

    /// The type of number: 0 unknown, 1 international, 2 national, 3 network specific, 4 subscriber, 5 alphanumeric,
    /// 6 abbreviated, 7 reserved.
    public var typeOfNumber: UInt8 {
        get { typeOfAddress >> 4 & 0x07 }
        set { typeOfAddress = typeOfAddress & 0x8F | (newValue & 0x07) << 4 }
    }

    /// The numbering plan: 0 unknown, 1 telephone (E.164), others as TS 23.040 lists them.
    public var numberingPlan: UInt8 {
        get { typeOfAddress & 0x0F }
        set { typeOfAddress = typeOfAddress & 0xF0 | newValue & 0x0F }
    }

    /// True when `value` is a name in the GSM 7-bit alphabet.
    public var isAlphanumeric: Bool { typeOfNumber == 5 }

    /// "+1619…" when international, else the digits, or the name.
    public var display: String { typeOfNumber == 1 ? "+" + value : value }

    /// True when `value` can be put on the air as it is: 1...20 of `0…9*#abc`, or a name of at most 11 septets. An
    /// address that cannot is encoded as an empty one, which networks refuse, rather than as someone else's number.
    public var isEncodable: Bool {
        if isAlphanumeric {
            guard let septets = GSM7.septets(of: value) else { return false }
            return (1...Self.maximumSeptets).contains(septets.count)
        }
        return (1...Self.maximumSemiOctets).contains(value.utf8.count)
            && value.utf8.allSatisfy { Self.semiOctet(of: $0) != nil }
    }
}
