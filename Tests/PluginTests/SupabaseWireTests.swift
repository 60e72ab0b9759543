import CurlClient
import PluginKit
import Testing

@testable import SupabaseStorage

/// The parts that need no server.
@Suite("Supabase: what goes over the wire")
struct SupabaseWireTests {
    // MARK: Errors

    struct Case: Sendable, CustomTestStringConvertible {
        var status: Int32
        var body = ""
        var headers: [CurlRequest.Header] = []
        var code: PluginError.Code
        /// What the sentence says.
        var words: String
        var isUncertain = false
        var isOutage = false
        var retry: Int64?
        var testDescription: String { "\(status) \(body.prefix(60))" }
    }

    private static func json(_ code: String) -> String {
        #"{"code":"\#(code)","details":"row (+16195550123, Hello)","hint":null,"message":"\#(code) about Hello"}"#
    }

    static let cases: [Case] = [
        .init(status: 401, body: json("42501"), code: .invalid, words: "public one"),
        .init(status: 403, body: json("42501"), code: .invalid, words: "does not allow"),
        .init(status: 401, body: json("PGRST301"), code: .invalid, words: "not signed"),
        .init(status: 401, body: json("PGRST302"), code: .invalid, words: "wants a token"),
        .init(status: 401, body: json("PGRST303"), code: .invalid, words: "expired"),
        .init(status: 401, body: json("22023"), code: .invalid, words: "a role"),
        .init(status: 400, body: json("22023"), code: .invalid, words: "do not take the request"),
        .init(status: 401, body: #"{"message":"Invalid API key"}"#, code: .invalid, words: "does not know the key"),
        .init(status: 404, body: json("PGRST202"), code: .unavailable, words: "migrate"),
        .init(status: 404, body: json("PGRST205"), code: .unavailable, words: "migrate"),
        .init(status: 400, body: json("42703"), code: .unavailable, words: "migrate"),
        .init(status: 404, body: "<html>no</html>", code: .invalid, words: "no project"),
        .init(status: 409, body: json("23505"), code: .conflict, words: "refused by a rule"),
        .init(status: 400, body: json("23502"), code: .conflict, words: "refused by a rule"),
        .init(status: 400, body: json("22P02"), code: .conflict, words: "refused by a rule"),
        .init(status: 409, body: json("40001"), code: .unavailable, words: "same rows", retry: 100),
        .init(status: 500, body: json("40P01"), code: .unavailable, words: "same rows"),
        .init(status: 500, body: json("57014"), code: .unavailable, words: "too long"),
        .init(status: 503, body: json("PGRST002"), code: .unavailable, words: "is down", isOutage: true),
        .init(
            status: 503, headers: [.init("Proxy-Status", "PostgREST; error=PGRST002"), .init("Retry-After", "8")],
            code: .unavailable, words: "is down", isOutage: true, retry: 8_000),
        .init(
            status: 500, body: json("57P01"), code: .unavailable, words: "is down", isUncertain: true, isOutage: true),
        .init(status: 504, body: json("PGRST003"), code: .unavailable, words: "connections", isOutage: true),
        .init(status: 405, body: json("25006"), code: .unavailable, words: "read-only", isOutage: true),
        .init(status: 500, body: json("53100"), code: .unavailable, words: "no room", isOutage: true),
        .init(status: 402, code: .unavailable, words: "restricted", isOutage: true),
        .init(
            status: 429, headers: [.init("retry-after", "3")], code: .unavailable, words: "too often", isOutage: true,
            retry: 3_000),
        .init(status: 540, code: .unavailable, words: "press Restore", isOutage: true),
        .init(status: 544, code: .unavailable, words: "in time", isUncertain: true, isOutage: true),
        .init(
            status: 502, body: "<html>Bad gateway</html>", code: .unavailable, words: "away (status 502)",
            isUncertain: true, isOutage: true),
        .init(
            status: 520, body: #"{"code":"PGR"#, code: .unavailable, words: "status 520", isUncertain: true,
            isOutage: true),
        .init(status: 301, code: .invalid, words: "elsewhere"),
        .init(status: 413, code: .invalid, words: "batch"),
        .init(status: 418, code: .invalid, words: "status 418"),
    ]

    @Test("an answer that is no success is classed by its code, then by its status", arguments: cases)
    func refusal(_ one: Case) {
        let refusal = Refusal(answer: .init(status: one.status, headers: one.headers, body: Array(one.body.utf8)))
        #expect(refusal.error.code == one.code)
        #expect(refusal.error.message.contains(one.words), "\(refusal.error.message)")
        #expect(refusal.isUncertain == one.isUncertain)
        #expect(refusal.isOutage == one.isOutage)
        if let retry = one.retry { #expect(refusal.error.retryAfterMilliseconds == retry) }
        #expect(!"\(refusal)".contains("Hello") && !"\(refusal)".contains("+1619"))
    }

    @Test("a code that is none is not repeated")
    func strangeCode() {
        let body = #"{"code":"my secret text","message":"x"}"#
        #expect(Refusal(answer: .init(status: 500, headers: [], body: Array(body.utf8))).code == nil)
    }

    @Test(
        "without an answer, it is known whether the server may have done it",
        arguments: [
            (CurlError.Code.unresolved, false, PluginError.Code.unavailable), (.untrusted, false, .unavailable),
            (.unreachable, true, .unavailable), (.timedOut, true, .unavailable), (.invalid, false, .invalid),
            (.cancelled, true, .cancelled),
        ])
    func transport(code: CurlError.Code, isUncertain: Bool, expected: PluginError.Code) {
        let refusal = Refusal(CurlError(code, "why", mayHaveArrived: code == .unreachable || code == .timedOut))
        #expect(refusal.isUncertain == isUncertain && refusal.error.code == expected)
        #expect(refusal.isOutage == (expected == .unavailable))
    }

    @Test(
        "Retry-After is seconds or a date",
        arguments: [
            ("120", 120_000), ("0", 0), ("999999999", 3_600_000), ("-1", nil), ("soon", nil),
            ("Thu, 01 Jan 1970 00:00:30 GMT", 20_000), ("Thu, 01 Jan 1970 00:00:05 GMT", 0), (nil, nil),
        ] as [(String?, Int64?)])
    func retryAfter(header: String?, expected: Int64?) {
        #expect(RetryAfter.milliseconds(header, now: Timestamp(milliseconds: 10_000)) == expected)
    }

    // MARK: Keys

    private static let token = "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiZ2F0ZXdheSIsImdhdGV3YXlfaWQiOiJzaG9wLTEifQ.c2ln"

    @Test("apikey always; Bearer is the token, or the key where that is one itself")
    func headers() {
        func sent(_ key: String, _ token: String? = nil) -> [String] {
            Credentials(key: key, token: token).headers.map { "\($0.name): \($0.value)" }
        }
        #expect(sent("sb_secret_abc") == ["apikey: sb_secret_abc"])
        #expect(sent(Self.token) == ["apikey: \(Self.token)", "Authorization: Bearer \(Self.token)"])
        #expect(
            sent("sb_publishable_abc", Self.token) == [
                "apikey: sb_publishable_abc", "Authorization: Bearer \(Self.token)",
            ])
        #expect(sent("a.b.c") == ["apikey: a.b.c"])
        #expect(Credentials(key: "sb_publishable_abc", token: nil).isPublic)
        #expect(Credentials(key: "k", token: Self.token).gatewayID == "shop-1")
        #expect(Credentials(key: "sb_secret_abc", token: nil).gatewayID == nil)
    }

    @Test("neither key nor token are in what credentials show of themselves")
    func shown() {
        let credentials = Credentials(key: "sb_secret_abc", token: Self.token)
        var text = "\(credentials) \(String(reflecting: credentials))"
        dump(credentials, to: &text)
        #expect(!text.contains("sb_secret") && !text.contains("eyJ"))
    }

    @Test("values of a filter are escaped: a plus is no blank")
    func filters() {
        #expect(Filter.equals("phone", "+1619").description == "phone=eq.%2B1619")
        #expect(Filter.equals("message_hash", String?.none).description == "message_hash=is.null")
        #expect(Filter.equals("retry_count", Int32?.none).description == "retry_count=is.null")
        #expect(
            Filter.oneOf("x", ["a,b", "q\"q", "c\\d"]).description == "x=in.(%22a,b%22,%22q%5C%22q%22,%22c%5C%5Cd%22)")
        #expect(Filter.like("x", "conductor:u1:*").description == "x=like.conductor%3Au1%3A*")
    }

    // MARK: JSON

    @Test("a text goes through JSON and comes back, whatever is in it")
    func message() throws {
        var text = Message(
            uid: "u1", storageID: nil, direction: .inbound, phone: "+16195550123",
            content: "Caf\u{e9} \u{1F600} \"\\ \u{1}\n\u{2028}", status: .read, deliveryStatus: .optedOut,
            errorCode: "c", errorMessage: "m", timestamp: Timestamp(milliseconds: 1_790_000_000_123),
            modemTimestamp: Timestamp(milliseconds: -5), modemUTCOffset: -480, modemIndex: 7, messageHash: "h",
            retryCount: 3, lastRetryAt: Timestamp(milliseconds: 1), notBefore: Timestamp(milliseconds: 2), sim: "8901",
            parts: 3, incomplete: true, possibleDuplicate: true, asksToStop: true, answers: "u0", origin: "policy")
        var json = JSONWriter()
        MessageJSON.write(text, to: &json)
        #expect(MessageJSON.read(try JSONValue(parsing: json.bytes)) == text)
        text.content = "a\u{0}b"
        json = JSONWriter()
        MessageJSON.write(text, to: &json)
        // PostgreSQL keeps no NUL.
        #expect(MessageJSON.read(try JSONValue(parsing: json.bytes)).content == "a\u{FFFD}b")
    }

    @Test("rows of other programs may have null, or words nobody knows, in any column")
    func foreignRow() throws {
        let bare = MessageJSON.read(try JSONValue(parsing: Array(#"{"id": 7}"#.utf8)))
        #expect(bare.storageID == 7 && bare.status == .unread && bare.errorCode == "foreign-status")
        let row = #"{"id": 8, "direction": "OUTBOUND", "status": "Sent", "retry_count": "2", "modem_index": 3.0}"#
        let known = MessageJSON.read(try JSONValue(parsing: Array(row.utf8)))
        #expect(known.direction == .outbound && known.status == .sent && known.retryCount == 2)
        #expect(known.modemIndex == 3 && known.errorCode == nil)
    }

    @Test(
        "what is no JSON is none",
        arguments: [
            "", "{", "[1,]", #"{"a" 1}"#, #""a"#, "tru", "01x", "[1] 2", #""\q""#, #""\u12"#,
            String(repeating: "[", count: 100), "<html></html>",
        ])
    func malformed(_ text: String) {
        #expect(throws: JSONValue.Malformed.self) { try JSONValue(parsing: Array(text.utf8)) }
    }

    @Test("numbers, escapes and nesting are read")
    func values() throws {
        let text = #" {"a":[1,-2,1.5e3,true,null],"b":"\ud83d\ude00\ud83d\u00e9\/\t","c":{}} "#
        let value = try JSONValue(parsing: Array(text.utf8))
        #expect(value["a"].elements?.map(\.integer) == [1, -2, 1_500, nil, nil])
        #expect(value["b"].text == "\u{1F600}\u{FFFD}\u{e9}/\t" || value["b"].text == "\u{1F600}\u{FFFD}/\t")
        #expect(value["c"].isObject && value["d"].isNull)
        #expect(try JSONValue(parsing: Array(value.written.utf8)) == value)
    }
}
