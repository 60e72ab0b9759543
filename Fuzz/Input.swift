/// What the fuzzer gives, taken apart: the first octet says how to read the rest.
///
/// The targets are compiled together with the codec into one module (`scripts/fuzz.sh`), so they import nothing.
struct Input {
    let direction: TPDU.Direction
    let hasServiceCentre: Bool
    let octets: [UInt8]

    init(_ start: UnsafePointer<UInt8>?, _ count: Int) {
        let all = Array(UnsafeBufferPointer(start: start, count: count))
        let flags = all.first ?? 0
        direction = flags & 1 == 0 ? .mobileTerminated : .mobileOriginated
        hasServiceCentre = flags & 2 != 0
        octets = Array(all.dropFirst())
    }

    /// The TPDU, or nil when it was refused; a refusal is put into words.
    func tpdu() -> TPDU? {
        do throws(PDUError) {
            return try TPDU.decode(octets, direction: direction, hasServiceCentre: hasServiceCentre)
        } catch {
            Fuzz.expect(!error.description.isEmpty, "a refusal without words")
            return nil
        }
    }
}

enum Fuzz {
    /// Stops the fuzzer, which then keeps the input, when something that must be is not.
    static func expect(_ condition: Bool, _ what: @autoclosure () -> String) {
        precondition(condition, what())
    }
}
