/// Any parts, in any order and with gaps, join to a text.
///
/// The input is a list: an octet n, then n octets of a TPDU without a service centre; 0 is a part that is missing.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var rest = Array(UnsafeBufferPointer(start: start, count: count))[...]
    var parts: [UserData?] = []
    while let length = rest.popFirst(), parts.count < 255 {
        let octets = Array(rest.prefix(Int(length)))
        rest = rest.dropFirst(octets.count)
        guard !octets.isEmpty else {
            parts.append(nil)
            continue
        }
        guard case .deliver(let message)? = try? TPDU.decode(octets, hasServiceCentre: false) else { continue }
        parts.append(message.userData)
    }
    let text = Reassembly.text(of: parts)
    let units = parts.reduce(0) { $0 + ($1?.content.count ?? 5) }
    Fuzz.expect(text.utf8.count <= 4 * units + 4 * parts.count + 4, "a text longer than its octets can make it")
    let placed = parts.compactMap { $0 }.filter { $0.concatenation != nil }
    let sorted = placed.sorted { ($0.concatenation?.sequence ?? 0) < ($1.concatenation?.sequence ?? 0) }
    _ = Reassembly.text(of: sorted)
    return 0
}
