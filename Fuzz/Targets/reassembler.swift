/// Parts in any order, repeated, late, of texts that share references: none is ever lost, and memory is bounded.
///
/// Three octets are a part: which text, its place, its content and time. An octet from 0x80 lets time go by.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var rest = Array(UnsafeBufferPointer(start: start, count: count))[...]
    let limits = ReassemblyLimits(
        wait: 10_000, amendable: 60_000, span: 3_600_000, waitingPerSender: 2, waiting: 3, remembered: 4)
    var machine = Reassembler<Int>(limits: limits)
    var now: Int64 = 0
    var offered = 0
    var found: Set<Int> = []
    func take(_ events: [ReassemblyEvent<Int>]) {
        for event in events {
            switch event {
            case .waiting(let text): _ = text.content
            case .complete(let text), .incomplete(let text), .amended(let text):
                found.formUnion(text.parts.map(\.id))
                Fuzz.expect(!text.content.isEmpty || text.total == 1, "a text of several parts without a character")
            case .duplicate(let parts, of: let original):
                found.formUnion(parts)
                Fuzz.expect(found.contains(original), "a duplicate of what was never delivered")
            }
        }
        Fuzz.expect(machine.waitingCount <= limits.waiting, "too many texts wait")
        Fuzz.expect(machine.rememberedCount <= limits.remembered, "too many texts are remembered")
    }
    while let octet = rest.popFirst() {
        if octet & 0x80 != 0 {
            now += Int64(octet & 0x7F) * 500
            take(machine.expire(now: now))
            continue
        }
        guard let place = rest.popFirst(), let content = rest.popFirst() else { break }
        let isWide = octet & 0x10 != 0
        let position = Concatenation(
            reference: UInt16(octet & 0x03), isWide: isWide, total: place & 0x07, sequence: place >> 4)
        let part = UserData(
            header: octet & 0x20 == 0 ? position.header : nil, encoding: content & 1 == 0 ? .gsm7 : .ucs2,
            content: [content & 0x7F, content >> 1])
        let message = Deliver(
            sender: Address(number: "+15550100"),
            time: ServiceCentreTime(unixSeconds: 1_700_000_000 + Int64(content >> 6) * 7_200, offsetMinutes: 0),
            userData: part)
        let sender = octet & 0x04 == 0 ? "a" : "b"
        take(
            machine.offer(
                ReceivedPart(id: offered, message: message, sender: sender, sim: octet & 0x08 == 0 ? "1" : "2"),
                now: now))
        offered += 1
    }
    take(machine.expire(now: .max / 2))
    Fuzz.expect(machine.waitingCount == 0 && machine.nextDeadline == nil, "a text still waits")
    Fuzz.expect(found == Set(0..<offered), "a part was lost")
    return 0
}
