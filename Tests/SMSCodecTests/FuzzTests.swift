import SMSCodec
import Testing

struct FuzzTests {
    @Test("random octets never stop the codec, and what decodes encodes to something that decodes to the same")
    func randomOctets() {
        var random = SeededRandom(seed: 20_040)
        var decoded = 0
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...200, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            for direction in [TPDU.Direction.mobileTerminated, .mobileOriginated] {
                let hasServiceCentre = Bool.random(using: &random)
                if Probe.use(bytes, direction: direction, hasServiceCentre: hasServiceCentre) { decoded += 1 }
            }
        }
        #expect(decoded > 100)
    }

    @Test("messages with octets changed never stop the codec, and keep their meaning when encoded again")
    func changedOctets() throws {
        var random = SeededRandom(seed: 23_038)
        let time = ServiceCentreTime(unixSeconds: 1_700_000_000, offsetMinutes: -420)
        var decoded = 0
        for _ in 0..<20_000 {
            let part = try #require(
                try Segmentation.split(random.text(), reference: 7).parts.randomElement(using: &random))
            var bytes = Deliver(sender: Address(number: "+15550100"), time: time, userData: part).encode()
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: 0..<min(bytes.count, 32), using: &random)] = .random(in: 0...255, using: &random)
            }
            guard let first = try? TPDU.decode(bytes), case .deliver(let message) = first else { continue }
            decoded += 1
            guard case .deliver(let again) = try TPDU.decode(message.encode()) else {
                Issue.record("another type")
                return
            }
            #expect(again.userData == message.userData)
            #expect(again.timeStamp == message.timeStamp)
        }
        #expect(decoded > 5_000)
    }

    @Test("hexadecimal digits come back, and what is none is refused")
    func hex() {
        let all = Array(UInt8(0)...255)
        #expect(Hex.decode(Hex.encode(all)) == all)
        #expect(Hex.decode(Hex.encode(all).lowercased()) == all)
        for bad in ["0", "0G", "0x", " 00", "é0", "00 "] {
            #expect(Hex.decode(bad) == nil)
        }
        #expect(Hex.decode("") == [])
    }
}
