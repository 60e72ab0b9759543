import PluginKit
import Settings
import Synchronization
import Testing

@testable import PluginHost

struct GrantTests {
    private func grants(_ yaml: String) throws -> Grants {
        try DropIn.parse(try ConfigurationNode.parse("plugin: x\ngrants: \(yaml)\n", file: "d"), fileName: "d").grants
    }

    @Test func wordsAndHowFarTheyGoAreRead() throws {
        let grants = try grants(
            """

              - log
              - network
              - {send: {per_hour: 20}}
              - http: [https://Api.Example.com/v1, "http://[::1]:8080/"]
              - crm: {numbers: any}
              - conversation
              - files: {read: [/etc/bot], write: [state/bot]}
            """)
        #expect(grants.words == ["log", "send", "http", "crm", "conversation"])
        #expect(grants.sendsPerHour == 20 && grants.network)
        #expect(grants.crm == .any && grants.conversation == .asked)
        #expect(grants.http.map(\.description) == ["https://api.example.com/v1", "http://[::1]:8080/"])
        #expect(
            grants.files.resolved(from: "/var/lib/c")
                == Grants.Files(read: ["/etc/bot"], write: ["/var/lib/c/state/bot"]))
        #expect(try self.grants("[]") == Grants())
    }

    @Test(arguments: [
        ("[htpp]", "grants[0]: there is nothing \"htpp\" to grant (did you mean \"http\"?)"),
        ("[{sned: {}}]", "grants[0].sned: there is nothing \"sned\" to grant (did you mean \"send\"?)"),
        ("[log, log]", "grants[1]: \"log\" is granted twice"),
        ("[send, {send: {per_hour: 1}}]", "grants[1]: \"send\" is granted twice"),
        ("[http]", "grants[0]: must say which URLs: write {http: [\"https://api.example.com/\"]}"),
        ("[{http: []}]", "grants[0].http: must name at least one URL"),
        (
            "[{http: [example.com]}]",
            "grants[0].http[0]: must be the beginning of a URL, as https://api.example.com/v1/"
        ),
        ("[{send: {per_hour: 0}}]", "grants[0].send.per_hour: must be a whole number from 1 to 100000"),
        ("[{send: {per_day: 1}}]", "grants[0].send.per_day: unknown key (known: per_hour)"),
        ("[{log: all}]", "grants[0].log: \"log\" takes nothing more: write the word alone"),
        ("[{crm: {numbers: all}}]", "grants[0].crm.numbers: \"all\" is not one of any, asked"),
        ("[files]", "grants[0]: must say which: write {files: {read: [/etc/bot], write: [bot-state]}}"),
        ("[{files: {read: [../x]}}]", "grants[0].files.read[0]: must not contain \"..\""),
        (
            "[{log: 1, kv: 2}]",
            "grants[0]: must be a word, or a mapping with one key, as {send: {per_hour: 20}}"
        ),
    ])
    func whatIsWrongIsSaid(yaml: String, sentence: String) {
        #expect {
            try grants(yaml)
        } throws: { error in
            #expect("\(error)".hasSuffix(": " + sentence))
            return "\(error)".hasSuffix(": " + sentence)
        }
    }

    @Test(arguments: [
        ("https://api.example.com/v1", "https://api.example.com/v1", true),
        ("https://api.example.com/v1", "https://api.example.com/v1/x?y=/../z", true),
        ("https://api.example.com/v1", "https://API.example.com:443/v1?x", true),
        ("https://api.example.com", "https://api.example.com/anything", true),
        ("https://api.example.com/v1/", "https://api.example.com/v1", false),
        ("https://api.example.com/v1", "https://api.example.com/v10", false),
        ("https://api.example.com", "https://api.example.com.evil.org/", false),
        ("https://api.example.com", "https://api.example.com@evil.org/", false),
        ("https://api.example.com", "https://api.example.com:443@evil.org/", false),
        ("https://api.example.com", "https://evil.org/https://api.example.com/", false),
        ("https://api.example.com", "https://evil.org\\@api.example.com/", false),
        ("https://api.example.com", "https://evil.org#@api.example.com/", false),
        ("https://api.example.com", "http://api.example.com/", false),
        ("https://api.example.com", "https://api.example.com:444/", false),
        ("https://api.example.com", "https://api.example.com:+443/", false),
        ("https://api.example.com", "https://api.example.com./", false),
        ("https://api.example.com", "https://api%2eexample.com/", false),
        ("https://api.example.com/v1", "https://api.example.com/v1/../admin", false),
        ("https://api.example.com/v1", "https://api.example.com/v1/%2E%2e/admin", false),
        ("https://api.example.com/v1", "https://api.example.com/v1%2f..%2fadmin", false),
        ("https://api.example.com", "https://api.example.com/ x", false),
        ("https://api.example.com", "https://api.example.com/\r\nHost: evil", false),
        ("https://api.example.com", "file:///etc/passwd", false),
        ("https://api.example.com", "//api.example.com/", false),
        ("http://127.0.0.1:9", "http://127.0.0.1:9/", true),
        ("http://127.0.0.1:9", "http://127.0.0.1:90/", false),
        ("http://[::1]", "http://[::1]:80/x", true),
    ])
    func aURLIsComparedByItsPartsNotItsLetters(prefix: String, url: String, allowed: Bool) throws {
        let prefix = try #require(URLPrefix(prefix))
        #expect((PlainURL(url).map(prefix.allows) ?? false) == allowed)
    }

    // MARK: What passes

    private func serving(
        _ yaml: String, now: @escaping @Sendable () -> Int64 = { 0 },
        _ answer: @escaping @Sendable (ServiceRequest) async throws(PluginError) -> ServiceReply
    ) throws -> (GrantedServices, RecordingServices) {
        let recording = RecordingServices()
        recording.answer.withLock { $0 = .init(reply: answer) }
        let shared = GrantedServices.Shared(recording, now: now)
        return (GrantedServices(shared, name: "10-x", grants: try grants(yaml)), recording)
    }

    @Test func aForgedRequestOfAWorkerIsRefused() async throws {
        let (services, recording) = try serving("[clock]") { _ throws(PluginError) in .done }
        let forged: [ServiceRequest] = [
            .send(OutgoingRequest(phone: "1", text: "x")), .value(key: "k"), .http(HTTPRequest(url: "https://a/")),
            .changeContact(ContactChange(phone: "1")), .customer(CustomerQuery(phone: "1")),
        ]
        for request in forged {
            await #expect {
                try await services.serve(request, plugin: "20-trusted")
            } throws: {
                ($0 as? PluginError)?.code == .unsupported
            }
        }
        services.log(plugin: "20-trusted", level: .error, message: "x")
        services.metric(plugin: "20-trusted", sample: MetricSample(.gauge, name: "x", value: 1))
        services.storageChanged(plugin: "20-trusted")
        #expect(recording.requests.withLock { $0.isEmpty } && recording.lines.withLock { $0.isEmpty })
        #expect(recording.samples.withLock { $0.isEmpty } && recording.changes.withLock { $0 } == 0)
    }

    @Test func textsOfARunawayPluginStopAtItsRate() async throws {
        // B12: five texts a second from a runaway bot.
        let clock = Mutex<Int64>(0)
        let isSent = Mutex(true)
        let (services, recording) = try serving("[{send: {per_hour: 3}}]", now: { clock.withLock { $0 } }) {
            _ throws(PluginError) in
            guard isSent.withLock({ $0 }) else { throw PluginError(.conflict, "the person has said STOP") }
            return .sent(SendReceipt(uid: "u"))
        }
        func send() async throws(PluginError) {
            _ = try await services.serve(.send(OutgoingRequest(phone: "1", text: "x")), plugin: "")
        }
        // What was not sent takes nothing.
        isSent.withLock { $0 = false }
        for _ in 0..<5 { await #expect(throws: PluginError.self) { try await send() } }
        isSent.withLock { $0 = true }
        for second in 0..<3 {
            clock.withLock { $0 = Int64(second) * 1_000_000_000 }
            try await send()
        }
        await #expect {
            try await send()
        } throws: {
            let error = $0 as? PluginError
            return error?.code == .conflict && error?.retryAfterMilliseconds == 3_598_001
        }
        #expect(recording.requests.withLock { $0.count } == 8)
        clock.withLock { $0 = 3_600_000_000_000 }
        try await send()
        await #expect(throws: PluginError.self) { try await send() }
    }

    @Test func redirectsStayWithinTheGrantAndKeysWithTheirServer() async throws {
        let (services, recording) = try serving("[{http: [\"https://a.example/v1\", \"https://b.example\"]}]") {
            request throws(PluginError) in
            guard case .http(let request) = request else { throw .wrongReply }
            let next = [
                "https://a.example/v1/start": "middle?x=1", "https://a.example/v1/middle?x=1": "https://b.example/end",
                "https://a.example/v1/out": "https://c.example/", "https://a.example/v1/up": "/admin",
                "https://a.example/v1/round": "round",
            ]
            guard let location = next[request.url] else { return .http(HTTPResponse(status: 200)) }
            return .http(HTTPResponse(status: 302, headers: [.init("location", location)]))
        }
        func ask(_ url: String) async throws(PluginError) -> HTTPResponse {
            let request = HTTPRequest(
                method: "POST", url: url, headers: [.init("Authorization", "key"), .init("Content-Type", "t")],
                body: [1])
            guard case .http(let response) = try await services.serve(.http(request), plugin: "") else {
                throw .wrongReply
            }
            return response
        }
        #expect(try await ask("https://a.example/v1/start").status == 200)
        let asked = recording.requests.withLock { requests in
            requests.compactMap { if case .http(let request) = $0 { request } else { nil } }
        }
        #expect(
            asked.map(\.url) == [
                "https://a.example/v1/start", "https://a.example/v1/middle?x=1", "https://b.example/end",
            ])
        #expect(asked.map(\.method) == ["POST", "GET", "GET"] && asked.map(\.body) == [[1], [], []])
        #expect(asked.map { $0.headers.map(\.name) } == [["Authorization", "Content-Type"], ["Authorization"], []])
        for url in ["https://a.example/v1/out", "https://a.example/v1/up", "https://c.example/"] {
            await #expect { try await ask(url) } throws: { ($0 as? PluginError)?.code == .unsupported }
        }
        await #expect { try await ask("https://a.example/v1/round") } throws: {
            ($0 as? PluginError)?.code == .unavailable
        }
    }

    @Test(arguments: [
        HTTPRequest(method: "GET\r\nX: y", url: "https://a.example/"),
        HTTPRequest(method: "", url: "https://a.example/"),
        HTTPRequest(url: "https://a.example/", headers: [.init("X", "a\r\nY: b")]),
        HTTPRequest(url: "https://a.example/", headers: [.init("X: y", "a")]),
        HTTPRequest(url: "https://a.example/", headers: [.init("Host", "evil.example")]),
        HTTPRequest(url: "https://a.example/", headers: [.init("transfer-encoding", "chunked")]),
        HTTPRequest(url: "https://a.example/", timeoutMilliseconds: 0),
        HTTPRequest(url: "https://a.example/", responseLimit: 9 << 20),
        HTTPRequest(url: "a.example"),
    ])
    func aRequestThatIsNoneIsRefused(request: HTTPRequest) async throws {
        let (services, recording) = try serving("[{http: [\"https://a.example\"]}]") { _ throws(PluginError) in .done }
        await #expect {
            try await services.serve(.http(request), plugin: "")
        } throws: {
            ($0 as? PluginError)?.code == .invalid
        }
        #expect(recording.requests.withLock { $0.isEmpty })
    }
}
