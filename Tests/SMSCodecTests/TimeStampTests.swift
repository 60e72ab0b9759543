import SMSCodec
import Testing

struct TimeStampTests {
    private func time(_ hex: String) throws -> ServiceCentreTime? {
        let bytes = (Hex.decode("00" + "00" + "0391" + "21F3" + "0000" + hex + "0141") ?? [])
        guard case .deliver(let message) = try TPDU.decode(bytes) else { return nil }
        #expect(message.userData.text == "A")
        #expect(Hex.encode(message.timeStamp.octets) == hex)
        return message.time
    }

    @Test(
        "E1: local time and offset are kept and UTC is made of them",
        arguments: [
            ("42302102304500", 1_710_273_834, 0, "2024-03-12T20:03:54+00:00"),
            ("00101000000000", 946_684_800, 0, "2000-01-01T00:00:00+00:00"),
            ("4220920000008A", 1_709_190_000, -420, "2024-02-29T00:00:00-07:00"),
            ("42209200000022", 1_709_145_000, 330, "2024-02-29T00:00:00+05:30"),
            ("00211332959518", 978_307_199 + 900, -15, "2000-12-31T23:59:59-00:15"),
        ])
    func reading(hex: String, seconds: Int64, offset: Int, text: String) throws {
        let found = try #require(try time(hex))
        #expect(found == ServiceCentreTime(unixSeconds: seconds, offsetMinutes: offset))
        #expect(found.description == text)
    }

    @Test(
        "a time that does not exist is none, and the text is kept",
        arguments: [
            "42312102304500", "42000000000000", "32209200000000", "42105242000000",
            "42105200060000", "42105200000600", "421052000000A0", "4A105200000000", "00000000000000", "FFFFFFFFFFFFFF",
            "42033200000000",
        ])
    func invalid(hex: String) throws {
        #expect(try time(hex) == nil)
    }

    @Test("every moment of the century comes back, with every offset")
    func roundTrip() {
        var seconds: Int64 = 946_771_200
        var quarters = -79
        while seconds < 4_102_358_400 {
            let time = ServiceCentreTime(unixSeconds: seconds, offsetMinutes: quarters * 15)
            #expect(TimeStamp(time).time == time)
            seconds += 2_654_321
            quarters = quarters == 79 ? -79 : quarters + 1
        }
    }

    @Test(
        "a moment outside the century is its first or last",
        arguments: [
            (Int64.min, 0, "2000-01-01T00:00:00+00:00"), (0, -60, "2000-01-01T00:00:00-01:00"),
            (Int64.max, 0, "2099-12-31T23:59:59+00:00"), (Int64.max, 60, "2099-12-31T23:59:59+01:00"),
        ])
    func outside(seconds: Int64, offset: Int, text: String) {
        let stamp = TimeStamp(ServiceCentreTime(unixSeconds: seconds, offsetMinutes: offset))
        #expect(stamp.time?.description == text)
    }

    @Test(
        "a validity is never shorter than asked, up to 63 weeks",
        arguments: [
            (0, 0), (5, 0), (6, 1), (720, 143), (721, 144), (1_440, 167), (1_441, 168), (43_200, 196), (43_201, 197),
            (635_040, 255), (9_999_999, 255),
        ])
    func validity(minutes: Int, octet: Int) {
        let validity = Validity(minutes: minutes)
        #expect(validity == .relative(UInt8(octet)))
        #expect((validity.seconds ?? 0) >= min(minutes, 635_040) * 60)
    }
}
