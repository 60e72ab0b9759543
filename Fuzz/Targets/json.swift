/// Any octets are JSON or are refused, and what was read is written so that it reads the same again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let octets = Array(UnsafeBufferPointer(start: start, count: count))
    guard let value = try? JSONValue(parsing: octets) else { return 0 }
    _ = value["code"].text
    _ = value.integer
    // U+0000 is written as what PostgreSQL can keep: from then on it stays.
    let kept = try? JSONValue(parsing: Array(value.written.utf8))
    precondition(kept != nil, "what was written is no JSON")
    precondition(
        (kept?.written).flatMap { try? JSONValue(parsing: Array($0.utf8)) } == kept, "it reads as something else")
    return 0
}
