import PluginKit
import Testing

@testable import SupabaseStorage

/// The pure parts of working on old tables.
@Suite("Supabase: old tables")
struct SupabaseOldTableTests {
    private static let gateway = "shop/0190a000"

    @Test(
        "a mark is read as it was written",
        arguments: [
            Mark(uid: "u1", state: .sending, owner: gateway), Mark(uid: "u1", owner: Mark.journal),
            Mark(uid: "u1", state: .optedOut, code: "opted-out"), Mark(uid: nil, row: 7, code: Mark.wanted),
            Mark(uid: nil, row: 7, state: .held, code: "too-old", owner: "a:b/c"),
        ])
    func marks(_ mark: Mark) {
        #expect(Mark(mark.text) == mark)
    }

    @Test("another program's hash is no mark", arguments: [nil, "", "d41d8cd98f00b204", "conductor:u1"])
    func foreignHashes(_ text: String?) {
        #expect(Mark(text) == nil)
    }

    @Test("a code with a colon does not break the mark, and no uid that would is taken")
    func strangeMarks() {
        #expect(Mark(Mark(uid: "u1", state: .refused, code: "a:b").text)?.code == "a_b")
        #expect(["u:1", "", "-", "*", "@7", "a b", "%"].allSatisfy { !Mark.canHold(uid: $0) })
        #expect(Mark.canHold(uid: "0190a000-0000-7000-8000-00000000000a"))
    }

    @Test(
        "moments of PostgreSQL are read",
        arguments: [
            ("2026-11-23T16:52:03.386757+00:00", "2026-11-23T16:52:03.386Z"),
            ("2026-11-23T16:52:03+00:00", "2026-11-23T16:52:03.000Z"),
            ("2026-11-23T09:52:03.5-07:00", "2026-11-23T16:52:03.500Z"),
            ("2026-11-23 16:52:03.12", "2026-11-23T16:52:03.120Z"),
            ("2026-11-23T22:22:03+05:30", "2026-11-23T16:52:03.000Z"),
            ("2026-11-23T16:52:03.386Z", "2026-11-23T16:52:03.386Z"),
            ("2026-11-23T17:52:03+01", "2026-11-23T16:52:03.000Z"),
            ("infinity", nil), ("2026-13-23T16:52:03+00:00", nil), ("", nil), (nil, nil),
        ] as [(String?, String?)])
    func times(text: String?, expected: String?) {
        #expect(PostgresTime.read(text)?.description == expected)
    }

    @Test("D3: numbers are read as the SQL reads them", arguments: WrittenForm.american)
    func numbers(_ form: WrittenForm) {
        #expect(PhoneForm.e164(form.written) == (form.isInSQL ? form.expected : nil))
    }

    // MARK: Choosing

    private static func row(
        _ id: Int64, _ phone: String?, mark: Mark? = nil, attempts: Int32? = nil, at: Int64 = 1_000_000
    ) throws -> OldRow {
        var json = JSONWriter()
        json.object { json in
            json.member("id", id)
            json.member("phone_number", phone)
            json.member("status", "queued")
            json.member("direction", "outbound")
            json.member("message_hash", mark?.text)
            json.member("retry_count", attempts)
            json.member("timestamp", Timestamp(milliseconds: at).description)
            json.member("created_at", Timestamp(milliseconds: at).description)
        }
        return try #require(OldRow(JSONValue(parsing: json.bytes)))
    }

    private static func chosen(
        _ rows: [OldRow], stale: Int64? = nil, _ memory: OldTableState = OldTableState()
    ) -> [Int64] {
        var choice = Choice(
            want: 8, now: Timestamp(milliseconds: 1_000_000), stale: stale.map(Timestamp.init(milliseconds:)),
            maxAge: 3_600_000, memory: memory)
        choice.look(at: rows)
        return choice.rows.map(\.id)
    }

    @Test("B11: one row a number however it is written, and none beside one that is on its way")
    func order() throws {
        let rows = try [
            Self.row(1, "+16195550101"), Self.row(2, "(619) 555-0101"), Self.row(3, "+16195550102"),
            Self.row(4, nil), Self.row(5, nil), Self.row(6, "+16195550103"),
            Self.row(7, "6195550103", mark: Mark(uid: "u7", state: .sending, owner: Self.gateway)),
        ]
        #expect(Self.chosen(rows) == [1, 3, 4, 5])
    }

    @Test("what was held, ended or belongs to a journal is left; what another program put back is taken")
    func states() throws {
        let rows = try [
            Self.row(1, "+16195550101", mark: Mark(uid: nil, row: 1, state: .held)),
            Self.row(2, "+16195550102", mark: Mark(uid: "u2", owner: Mark.journal)),
            Self.row(3, "+16195550103", mark: Mark(uid: "u3", state: .unknown)),
            Self.row(4, "+16195550104", mark: Mark(uid: "u4", state: .refused, code: "cms-38")),
            Self.row(5, "+16195550105", mark: Mark(uid: "u5", code: "cms-38")),
        ]
        #expect(Self.chosen(rows) == [4, 5])
    }

    @Test("decision 7: a row that is too old is left unless a person wanted it, and holds up nobody")
    func age() throws {
        let rows = try [
            Self.row(1, "+16195550101", at: 10), Self.row(2, "+16195550101"),
            Self.row(3, "+16195550103", mark: Mark(uid: nil, row: 3, code: Mark.wanted), at: 10),
        ]
        #expect(Self.chosen(rows, stale: 500_000) == [2, 3])
        #expect(Self.chosen(rows) == [1, 3])
    }

    @Test("a row that waits for its first attempt holds up nobody; one that was tried does")
    func waiting() throws {
        var memory = OldTableState()
        memory.notBefore = [1: Timestamp(milliseconds: 2_000_000), 3: Timestamp(milliseconds: 2_000_000)]
        let rows = try [
            Self.row(1, "+16195550101"), Self.row(2, "+16195550101"), Self.row(3, "+16195550103", attempts: 1),
            Self.row(4, "+16195550103"),
        ]
        #expect(Self.chosen(rows, memory) == [2])
    }

    @Test("since when somebody looks is kept, and a long pause begins anew")
    func contact() {
        let start = OldTableContact.looked(nil, now: Timestamp(milliseconds: 1_000), maxAge: 3_600_000)
        #expect(start.since.milliseconds == 1_000)
        let later = OldTableContact.looked(start, now: Timestamp(milliseconds: 3_000_000), maxAge: 3_600_000)
        #expect(later.since == start.since && later.last.milliseconds == 3_000_000)
        #expect(OldTableContact(saved: later.saved) == later && OldTableContact(saved: "x") == nil)
        let after = OldTableContact.looked(later, now: Timestamp(milliseconds: 6_700_000), maxAge: 3_600_000)
        #expect(after.since.milliseconds == 6_700_000)
    }
}
