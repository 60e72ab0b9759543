/// What decodes encodes to octets that decode to the same, and those encode to themselves.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Input(start, count)
    guard let tpdu = input.tpdu() else { return 0 }
    let octets = tpdu.encode(withServiceCentre: input.hasServiceCentre)
    guard
        let again = try? TPDU.decode(
            octets, direction: input.direction, hasServiceCentre: input.hasServiceCentre)
    else {
        Fuzz.expect(false, "what was encoded is refused")
        return 0
    }
    Fuzz.expect(again == tpdu, "what was encoded decodes to something else")
    Fuzz.expect(
        again.encode(withServiceCentre: input.hasServiceCentre) == octets, "encoding the same gives other octets")
    return 0
}
