import ConsoleServer
import GatewayCore
import PluginKit
import Synchronization
import Testing

@testable import conductor

/// `/api/v1` over a real Unix socket, asked by curl.
@Suite struct RouteTests {
    /// The status and the body of one request.
    private func curl(_ gateway: ServedGateway, _ arguments: [String], _ target: String) async -> (Int, String) {
        let run = await Program.finished(
            "/usr/bin/curl",
            ["-s", "--max-time", "20", "-w", "\n%{http_code}", "--unix-socket", gateway.socket] + arguments
                + ["http://localhost/api/v1\(target)"])
        let lines = run.output.split(separator: "\n", omittingEmptySubsequences: false)
        return (Int(lines.last ?? "") ?? 0, lines.dropLast().joined(separator: "\n"))
    }

    @Test(
        "every listing answers",
        arguments: [
            "/status", "/fleet", "/modems", "/plugins", "/messages", "/optouts", "/storage",
        ])
    func listings(_ target: String) async throws {
        try await ServedGateway.with { gateway in
            let (status, body) = await curl(gateway, [], target)
            #expect(status == 200)
            #expect(body.hasPrefix("{") || body.hasPrefix("["))
        }
    }

    @Test("lists of the CRM come as the storage tells them, page by page; what a list does not know is refused")
    func lists() async throws {
        try await ServedGateway.with { gateway in
            let first = await curl(gateway, [], "/crm/customers?search=Zo%C3%AB&order=name&direction=desc&limit=5")
            #expect(first.0 == 200)
            #expect(first.1 == #"{"rows":[{"name":"Zoë","total":12.50}],"next_cursor":"t1"}"#)
            let last = await curl(gateway, [], "/crm/staff?cursor=t1")
            #expect(last.1 == #"{"rows":[{"name":"Ana","total":12.50}]}"#)
            for wrong in ["/crm/staff?limit=0", "/crm/staff?direction=up", "/crm/staff?colour=red"] {
                let (status, body) = await curl(gateway, [], wrong)
                #expect(status == 400, "\(wrong): \(body)")
            }
            let (status, body) = await curl(gateway, [], "/crm/people")
            #expect(status == 404 && body.contains("receipts_without_items"), "\(body)")
        }
    }

    @Test("what people change of customers is asked for with dry_run, and told as differences")
    func customerChanges() async throws {
        try await ServedGateway.with { gateway in
            let (status, body) = await curl(gateway, [], "/customers/%2B16195550100?purchases=1")
            #expect(status == 200 && body.contains(#""is_opted_out":true"#) && body.contains(#""name":"Tea""#))
            let merged = await curl(
                gateway, ["-d", #"{"into":"a","others":["b"],"dry_run":true}"#], "/customers/merge")
            #expect(merged.0 == 200 && merged.1.contains(#""column":"transactions","customer":"a""#), "\(merged.1)")
            let page = await curl(gateway, ["-d", #"{"lower":true,"dry_run":false}"#], "/customers/recount")
            #expect(page.0 == 200 && page.1.contains(#""next_after":"c2""#), "\(page.1)")
            #expect(await curl(gateway, [], "/customers/rules").1.contains(#""column":"zone""#))
            let ruled = await curl(gateway, ["-d", #"{"vip_visits":20,"dry_run":false}"#], "/customers/rules")
            #expect(ruled.0 == 200)
            #expect(
                gateway.fake.state.withLock { $0.customerChanges } == [
                    CustomerChange(.recount(after: nil, limit: 500, lowers: true)),
                    CustomerChange(.rules([.vipVisits: "20"])),
                ])
            for (wrong, address) in [
                (#"{"into":"a","others":["b"]}"#, "/customers/merge"),
                (#"{"vip":20,"dry_run":false}"#, "/customers/rules"), (#"{"limit":1}"#, "/customers/recount"),
            ] {
                let (status, body) = await curl(gateway, ["-d", wrong], address)
                #expect(status == 400, "\(body)")
            }
            #expect(await curl(gateway, [], "/customers/%2B16195550100?purchases=101").0 == 400)
        }
    }

    @Test("figures are Prometheus' text, beside the API")
    func metrics() async throws {
        try await ServedGateway.with { gateway in
            let run = await Program.finished(
                "/usr/bin/curl",
                ["-s", "-i", "--max-time", "20", "--unix-socket", gateway.socket, "http://localhost/metrics"])
            #expect(run.output.hasPrefix("HTTP/1.1 200"))
            #expect(run.output.lowercased().contains("content-type: text/plain; version=0.0.4"))
            #expect(run.output.hasSuffix("# TYPE fake gauge\nfake 1\n"))
        }
    }

    @Test("a paused SIM is resumed; one that is not is refused")
    func resume() async throws {
        try await ServedGateway.with { gateway in
            let first = await curl(gateway, ["-d", "{}"], "/modems/356938035643809/resume")
            #expect(first.0 == 200 && first.1.contains(#""sim":"8901260123456789012""#))
            let second = await curl(gateway, ["-d", "{}"], "/modems/1/resume")
            #expect(second.0 == 409)
        }
    }

    @Test("the same Idempotency-Key sends once")
    func idempotency() async throws {
        try await ServedGateway.with { gateway in
            let arguments = ["-H", "Idempotency-Key: k1", "-d", #"{"to": "+16195550100", "text": "hi"}"#]
            let first = await curl(gateway, arguments, "/messages")
            let second = await curl(gateway, arguments, "/messages")
            #expect(first.0 == 201)
            #expect(second.0 == 200)
            let texts = try [first.1, second.1].map { try APICoding.decode(QueuedText.self, from: $0.utf8) }
            #expect(texts[0].message == texts[1].message)
            #expect(texts.map(\.isRepetition) == [false, true])
            let other = ["-H", "Idempotency-Key: k1", "-d", #"{"to": "+16195550100", "text": "bye"}"#]
            let (status, body) = await curl(gateway, other, "/messages")
            #expect(status == 409 && body.contains(#""code":"refused""#))
            #expect(gateway.fake.state.withLock { $0.messages.count } == 1)
            #expect(first.1.contains(#""origin":"api""#))
        }
    }

    @Test(
        "errors are problem details with a stable code",
        arguments: [
            (["-d", "{"], "/messages", 400, "invalid"),
            (["-d", #"{"to": "+16195550100"}"#], "/messages", 400, "invalid"),
            (["-d", #"{"to": 5, "text": "x"}"#], "/messages", 400, "invalid"),
            ([], "/messages?limit=0", 400, "invalid"),
            ([], "/messages?limit=1001", 400, "invalid"),
            ([], "/messages?colour=red", 400, "invalid"),
            ([], "/messages?status=lost", 400, "invalid"),
            ([], "/messages/none", 404, "not_found"),
            ([], "/nowhere", 404, "not_found"),
            (["-X", "POST"], "/messages/in-1/retry", 409, "refused"),
            (["-X", "POST"], "/messages/in-1/cancel", 409, "refused"),
            (["-X", "POST"], "/messages/row%3A9/cancel", 404, "not_found"),
            (["-d", #"{"outcome": "sent"}"#], "/messages/in-1/settle", 409, "refused"),
            (["-d", #"{"outcome": "lost"}"#], "/messages/in-1/settle", 400, "invalid"),
            (["-d", "{}"], "/messages/retry", 400, "invalid"),
            (["-d", #"{"dry_run": true, "class": "bad"}"#], "/messages/retry", 400, "invalid"),
            (["-d", #"{"command": "AT"}"#], "/modems/1/at", 404, "not_found"),
            (["-d", #"{"step": "power"}"#], "/modems/1/reset", 409, "refused"),
            ([], "/modems/1/trace", 404, "not_found"),
            ([], "/modems/356938035643809/trace?after=x", 400, "invalid"),
            (["-d", "{}"], "/modems/1/ussd", 400, "invalid"),
            (["-d", #"{"code": "*100#", "cancel": true}"#], "/modems/1/ussd", 400, "invalid"),
            (["-d", #"{"rows": [{"row": 1, "text": "x"}]}"#], "/storage/import", 400, "invalid"),
            (["-d", #"{"cursor": 1}"#], "/storage/archive/page", 400, "invalid"),
            (["-d", #"{"identity": "x", "storage_ids": [1]}"#], "/storage/archive/remove", 400, "invalid"),
        ] as [([String], String, Int, String)])
    func problems(_ arguments: [String], _ target: String, _ status: Int, _ code: String) async throws {
        try await ServedGateway.with { gateway in
            gateway.fake.state.withLock { $0.messages = [FakeGateway.inbound(1)] }
            let (answered, body) = await curl(gateway, arguments, target)
            #expect(answered == status)
            let problem = try APICoding.decode(Problem.self, from: body.utf8)
            #expect(problem.status == status)
            #expect(problem.code == code)
            #expect(!problem.detail.isEmpty)
        }
    }

    @Test("a search comes to the gateway as it was typed, from a URL and from the command line")
    func search() async throws {
        try await ServedGateway.with { gateway in
            gateway.fake.state.withLock { state in
                state.messages = (1...3).map { FakeGateway.inbound($0) }
                state.messages[1].content = "50% \"off\" & Café"
            }
            let body = await curl(gateway, [], "/messages?search=%22off%22%20%26%20Caf%C3%A9").1
            let page = try APICoding.decode(MessagePage.self, from: body.utf8)
            #expect(page.messages.map(\.storageID) == [2])
            let answer = await curl(gateway, [], "/customers?search=Zo%C3%AB%20%2B1&limit=5")
            #expect(
                answer.1
                    == #"{"customers":[{"id":"c","is_ambiguous":false,"name":"Zoë +1","purchases":[],"vip_status":"VIP"}]}"#
            )
            for wrong in ["/customers", "/customers?search=x&limit=101", "/customers?name=x"] {
                #expect(await curl(gateway, [], wrong).0 == 400)
            }
        }
    }

    @Test(
        "a time is any of RFC 3339, everywhere",
        arguments: [
            ("2026-11-24T09:00:00Z", "2026-11-24T09:00:00.000Z"),
            ("2026-11-24T09:00:00.5Z", "2026-11-24T09:00:00.500Z"),
            ("2026-11-24t09:00:00.123456789z", "2026-11-24T09:00:00.123Z"),
            ("2026-11-24T10:30:00+01:30", "2026-11-24T09:00:00.000Z"),
            ("2026-11-23 23:00:00.000-10:00", "2026-11-24T09:00:00.000Z"),
            ("2026-12-31T23:59:60Z", "2027-01-01T00:00:00.000Z"),
            ("2026-11-24T09:00:00", nil), ("2026-11-24", nil), ("2026-11-24T09:00Z", nil),
            ("2026-02-30T09:00:00Z", nil),
            ("2026-11-24T09:00:00.Z", nil), ("2026-11-24T09:00:00+24:00", nil), ("2026-11-24T09:00:00Z+01:00", nil),
        ] as [(String, String?)])
    func times(_ written: String, _ moment: String?) async throws {
        try await ServedGateway.with { gateway in
            let bodies = [
                (#"{"to": "+16195550100", "text": "x", "at": "\#(written)"}"#, "/messages"),
                (#"{"dry_run": true, "since": "\#(written)"}"#, "/messages/retry"),
                (
                    #"{"list": "old", "is_trial": true, "entries": [{"line": 1, "number": "+16195550100", "at": "\#(written)"}]}"#,
                    "/optouts/import"
                ),
            ]
            for (body, target) in bodies {
                let (status, answer) = await curl(gateway, ["-d", body], target)
                #expect((status < 300) == (moment != nil), "\(target)")
                if moment == nil { #expect(answer.contains("a time is written as"), "\(answer)") }
            }
            let read = gateway.fake.state.withLock { state in
                [state.requests.first?.at, state.bulk.first?.since, state.imports.first?.entries.first?.at]
            }
            #expect(read.map { $0.map { "\($0)" } } == [moment, moment, moment])
        }
    }

    @Test(
        "a key that nobody knows is refused, and the nearest is named: a misspelt `at` would send at once",
        arguments: [
            (
                "/messages", #"{"to": "+16195550100", "text": "x", "att": "2026-11-24T09:00:00Z"}"#,
                #""att\" (did you mean \"at\"?)"#
            ),
            ("/messages", #"{"to": "+16195550100", "txt": "x"}"#, #"did you mean \"text\"?"#),
            ("/messages", #"{"to": "+16195550100", "text": "x", "idempotencyKey": "1"}"#, #"\"idempotency_key\"?"#),
            ("/messages/retry", #"{"dry_run": true, "clas": "policy"}"#, #"\"class\"?"#),
            ("/messages/in-1/retry", #"{"at": "2026-11-24T09:00:00Z"}"#, "takes no body"),
            ("/messages/in-1/cancel", #"{"by": "me"}"#, "takes no body"),
            ("/messages/in-1/read", #"{"by": "me"}"#, "takes no body"),
            ("/messages/in-1/settle", #"{"outcome": "sent", "bye": "me"}"#, #"\"by\"?"#),
            ("/contacts/%2B16195550100/erase", #"{"dry_run": true, "dryrun": false}"#, #"\"dry_run\"?"#),
            ("/optouts", #"{"number": "+16195550100", "reson": "asked"}"#, #"\"reason\"?"#),
            ("/optouts/remove", #"{"number": "+16195550100", "reason": "x", "from": "me"}"#, "known: by, number"),
            ("/optouts/import", #"{"list": "a", "is_trail": true, "entries": []}"#, #"\"is_trial\"?"#),
            (
                "/optouts/import", #"{"list": "a", "is_trial": true, "entries": [{"line": 1, "numbr": "1"}]}"#,
                #"an object in \"entries\" has the unknown key \"numbr\" (did you mean \"number\"?)"#
            ),
            ("/modems/1/at", #"{"comand": "AT"}"#, #"\"command\"?"#),
            ("/modems/1/reset", #"{"stop": "radio"}"#, #"\"step\"?"#),
            ("/modems/1/ussd", #"{"cod": "*100#"}"#, #"\"code\"?"#),
            ("/modems/probe", #"{"imei": "1"}"#, "takes no body"),
            ("/modems/356938035643809/resume", #"{"sim": "1"}"#, "takes no body"),
            ("/plugins/reload", #"{"nane": "x"}"#, #"\"name\"?"#),
            ("/storage/backup", #"{"paht": "/x"}"#, #"\"path\"?"#),
            ("/storage/switch", #"{"name": "supabase", "dryrun": true}"#, #"\"dry_run\"?"#),
        ])
    func unknownKeys(_ target: String, _ body: String, _ words: String) async throws {
        try await ServedGateway.with { gateway in
            gateway.fake.state.withLock { $0.messages = [FakeGateway.inbound(1)] }
            let (status, answer) = await curl(gateway, ["-d", body], target)
            #expect(status == 400 && answer.contains(#""code":"invalid""#))
            #expect(answer.contains(words), "\(answer)")
            #expect(gateway.fake.state.withLock { $0.requests.isEmpty && $0.bulk.isEmpty && $0.imports.isEmpty })
        }
    }

    @Test("D4: pages follow one another by their cursor until there is none")
    func cursor() async throws {
        try await ServedGateway.with { gateway in
            gateway.fake.state.withLock { $0.messages = (1...5).map { FakeGateway.inbound($0) } }
            var seen: [Int64] = []
            var target = "/messages?limit=2"
            while true {
                let body = await curl(gateway, [], target).1
                let page = try APICoding.decode(MessagePage.self, from: body.utf8)
                seen += page.messages.compactMap(\.storageID)
                guard let next = page.nextCursor else { break }
                target = "/messages?limit=2&cursor=\(next)"
            }
            #expect(seen == [5, 4, 3, 2, 1])
        }
    }

    @Test("a text is marked read")
    func markRead() async throws {
        try await ServedGateway.with { gateway in
            gateway.fake.state.withLock { $0.messages = [FakeGateway.inbound(1)] }
            let (status, _) = await curl(gateway, ["-X", "POST"], "/messages/in-1/read")
            #expect(status == 204)
            #expect(gateway.fake.state.withLock { $0.messages[0].status } == .read)
        }
    }

    @Test("a phone with a plus sign in the query means that phone")
    func plusSign() async throws {
        try await ServedGateway.with { gateway in
            gateway.fake.state.withLock { $0.messages = [FakeGateway.inbound(1), FakeGateway.inbound(2, phone: "+1")] }
            let (_, body) = await curl(gateway, [], "/messages?phone=%2B16195550100")
            let page = try APICoding.decode(MessagePage.self, from: body.utf8)
            #expect(page.messages.map(\.storageID) == [1])
        }
    }

    @Test("events stream as they happen, with heartbeats between")
    func events() async throws {
        try await ServedGateway.with { gateway in
            var parser = EventParser()
            var items: [EventParser.Item] = []
            for try await bytes in GatewayClient(http: HTTPSocket(path: gateway.socket)).events() {
                // The first octets come once the server listens to the gateway.
                if items.isEmpty { gateway.fake.emit("message.received", json: "{\"uid\":\n\"in-1\"}") }
                items += parser.take(bytes)
                let hasEvent = items.contains { $0.kind == "message.received" }
                if hasEvent, items.last?.kind == "" { break }
            }
            let event = try #require(items.first { $0.kind == "message.received" })
            #expect(event.data.contains(#""data":{"uid":"in-1"}"#))
            #expect(event.data.contains(#""kind":"message.received""#))
        }
    }

    @Test("stopping the server ends open event streams")
    func streamsEnd() async throws {
        var follower: Task<Int, any Error>?
        try await ServedGateway.with { gateway in
            let (opened, sink) = AsyncStream<Void>.makeStream()
            follower = Task {
                var count = 0
                for try await _ in GatewayClient(http: HTTPSocket(path: gateway.socket)).events() {
                    count += 1
                    sink.yield()
                }
                return count
            }
            for await _ in opened { break }
        }
        // Whether it ends in order or by a cut connection, it ends.
        let result = await follower?.result
        #expect(result != nil)
    }
}
