import ConsoleServer
import GatewayCore
import Glibc
import PluginKit
import Synchronization
import Testing

@testable import conductor

/// What people do with texts that failed, or of which nobody knows.
@Suite struct LetterTests {
    private func run(_ gateway: ServedGateway, _ arguments: String...) async -> Program {
        await Program.finished(Program.conductor, arguments, environment: ["CONDUCTOR_SOCKET": gateway.socket])
    }

    private func text(
        _ uid: String, _ status: Message.Status, _ delivery: Message.DeliveryStatus? = nil, _ code: String? = nil
    ) -> Message {
        Message(
            uid: uid, storageID: 1, direction: .outbound, phone: "+16195550100", content: "hello", status: status,
            deliveryStatus: delivery, errorCode: code, errorMessage: code.map { "because of \($0)" },
            timestamp: FakeGateway.time)
    }

    private func fill(_ gateway: ServedGateway) {
        gateway.fake.state.withLock {
            $0.messages = [
                text("q-1", .queued), text("q-2", .queued), text("s-1", .sent, .accepted),
                text("u-1", .sent, .unknown, "unknown"), text("f-1", .failed, .refused, "cms-42"),
                text("f-2", .failed, .optedOut, "opted-out"), text("h-1", .queued, .held, "too-old"),
            ]
        }
    }

    @Test("cancel: each id is told of; 4 when one cannot be, 2 without one, and JSON is a list where ids are")
    func cancel() async throws {
        try await ServedGateway.with { gateway in
            fill(gateway)
            let one = await run(gateway, "messages", "cancel", "q-1")
            #expect(one.status == 0 && one.output == "q-1  cancelled\n")
            let some = await run(gateway, "messages", "cancel", "q-1", "s-1", "q-2")
            #expect(some.status == 4)
            #expect(some.output == "q-1  cancelled\nq-2  cancelled\n")
            #expect(some.errors.contains("s-1: the text has left already"))
            #expect(await run(gateway, "messages", "cancel", "s-1").status == 4)
            #expect(await run(gateway, "messages", "cancel", "row:77").status == 1)
            #expect(await run(gateway, "messages", "cancel").status == 2)
            let json = await run(gateway, "messages", "cancel", "q-1", "q-2", "--json")
            #expect(json.output.hasPrefix("[{") && json.output.contains(#""error_code":"cancelled""#))
        }
    }

    @Test("settle: one of three words; 4 where the fate is known; who said so goes along")
    func settle() async throws {
        try await ServedGateway.with { gateway in
            fill(gateway)
            let done = await run(gateway, "messages", "settle", "u-1", "--sent")
            #expect(done.status == 0 && done.output == "u-1  sent\n")
            #expect(await run(gateway, "messages", "settle", "u-1", "--resend").output == "u-1  queued\n")
            #expect(await run(gateway, "messages", "settle", "u-1", "--failed").output == "u-1  failed\n")
            let told = gateway.fake.state.withLock { $0.settlements }
            #expect(told.map(\.outcome) == [.sent, .resend, .failed])
            #expect(told.allSatisfy { $0.by?.isEmpty == false })
            #expect(await run(gateway, "messages", "settle", "s-1", "--sent").status == 4)
            for wrong in [["u-1"], ["u-1", "--sent", "--failed"], ["--sent"], []] {
                let words = ["messages", "settle"] + wrong
                let wrong = await Program.finished(
                    Program.conductor, words, environment: ["CONDUCTOR_SOCKET": gateway.socket])
                #expect(wrong.status == 2, "\(words)")
            }
        }
    }

    /// What a person sees who types `keys` on a terminal.
    private func typed(_ gateway: ServedGateway, _ words: String, _ keys: String) async -> Program {
        await Program.finished(
            "/usr/bin/script", ["-qec", "\(Program.conductor) \(words)", "/dev/null"],
            environment: ["CONDUCTOR_SOCKET": gateway.socket, "TERM": "dumb", "SHELL": "/bin/sh"], input: keys)
    }

    @Test(
        "settle on a terminal: one key a text; any other leaves it, q ends; bulk retry asks",
        .enabled(if: access("/usr/bin/script", X_OK) == 0, "there is no script(1)"))
    func keys() async throws {
        try await ServedGateway.with { gateway in
            gateway.fake.state.withLock { state in
                state.messages = (1...5).map { text("u-\($0)", .sent, .unknown, "unknown") }
            }
            let walked = await typed(gateway, "messages settle", "srxfq")
            #expect(walked.status == 0)
            #expect(walked.output.contains("1 of 5: s sent, r send again, f failed, q quit?"))
            #expect(gateway.fake.state.withLock { $0.settlements.map(\.outcome) } == [.sent, .resend, .failed])

            fill(gateway)
            let no = await typed(gateway, "messages retry --failed", "n\n")
            #expect(no.status == 1 && no.output.contains("Send 1 text (1 temporary) again? [y/N]"))
            #expect(gateway.fake.state.withLock { $0.bulk.allSatisfy(\.dryRun) })
            let yes = await typed(gateway, "messages retry --failed", "y\n")
            #expect(yes.status == 0)
            #expect(gateway.fake.state.withLock { $0.bulk.last?.dryRun } == false)
        }
    }

    @Test("lists: what failed with class and reason, what is unknown, and JSON with the class")
    func lists() async throws {
        try await ServedGateway.with { gateway in
            fill(gateway)
            let failed = await run(gateway, "messages", "list", "--failed")
            #expect(failed.output.contains("temporary") && failed.output.contains("because of cms-42"))
            #expect(failed.output.contains("policy") && !failed.output.contains("u-1"))
            let unknown = await run(gateway, "messages", "list", "--unknown")
            #expect(unknown.output.contains("u-1") && !unknown.output.contains("f-1"))
            let held = await run(gateway, "messages", "list", "--held")
            #expect(held.output.contains("h-1") && held.output.contains("because of too-old"))
            #expect(!held.output.contains("q-1") && !held.output.contains("f-1"))
            #expect(await run(gateway, "messages", "list", "--failed", "--held").status == 2)
            let json = await run(gateway, "messages", "--failed", "--json")
            #expect(json.output.contains(#""class":"temporary""#) && json.output.contains(#""class":"policy""#))
            #expect(await run(gateway, "messages", "list", "--failed", "--unknown").status == 2)
        }
    }

    @Test("B4: bulk retry counts, asks for --yes where nobody can be asked, and does it")
    func bulk() async throws {
        try await ServedGateway.with { gateway in
            fill(gateway)
            let trial = await run(gateway, "messages", "retry", "--failed", "--dry-run")
            #expect(trial.status == 0 && trial.output == "1 text (1 temporary) would be sent again\n")
            let asked = await run(gateway, "messages", "retry", "--failed")
            #expect(asked.status == 2 && asked.errors.contains("--yes"))
            #expect(gateway.fake.state.withLock { $0.bulk.allSatisfy { $0.dryRun } })
            let done = await run(
                gateway, "messages", "retry", "--failed", "--since", "2h", "--class", "temporary", "--yes")
            #expect(done.status == 0 && done.output == "1 of 1 text (1 temporary) are in the queue again\n")
            let request = try #require(gateway.fake.state.withLock { $0.bulk.last })
            #expect(request.failureClass == .temporary && request.since != nil && !request.dryRun)
            #expect(await run(gateway, "messages", "retry", "--failed", "--yes").output == "no failed texts\n")
            for wrong in [["retry"], ["retry", "f-1", "--failed"], ["retry", "f-1", "--yes"]] {
                let wrong = await Program.finished(
                    Program.conductor, ["messages"] + wrong, environment: ["CONDUCTOR_SOCKET": gateway.socket])
                #expect(wrong.status == 2)
            }
            #expect(await run(gateway, "messages", "retry", "--failed", "--since", "soon").status == 2)
        }
    }

    @Test(
        "send: a key sends once, is refused with 4 for other words; carriers' dislikes are said and sent all the same")
    func send() async throws {
        try await ServedGateway.with { gateway in
            let first = await run(gateway, "send", "+16195550100", "hi bit.ly/x", "--idempotency-key", "k")
            #expect(first.status == 0)
            #expect(first.errors.contains("url-shortener: carriers block"))
            let second = await run(gateway, "send", "+16195550100", "hi bit.ly/x", "--idempotency-key", "k")
            #expect(second.status == 0 && second.output == first.output)
            #expect(second.errors.contains("nothing was queued again"))
            #expect(await run(gateway, "send", "+16195550100", "other", "--idempotency-key", "k").status == 4)
            let offer = await run(gateway, "send", "+16195550100", "20% off", "--purpose", "promotion", "--json")
            #expect(offer.output.contains(#""code":"no-opt-out""#))
            #expect(gateway.fake.state.withLock { $0.requests.last?.purpose } == "promotion")
            #expect(await run(gateway, "send", "+16195550100", "x", "--purpose", "spam").status == 2)
        }
    }

    @Test(
        "moments behind us",
        arguments: [
            ("90m", -5_400_000), ("2h", -7_200_000), ("7d", -604_800_000), ("0s", 0), ("2h30m", nil), ("09:00", nil),
            ("", nil), ("-2h", nil), ("yesterday", nil),
        ] as [(String, Int64?)])
    func past(text: String, expected: Int64?) {
        let now = Timestamp(milliseconds: 1_790_000_000_000)
        #expect(PastTime.parse(text, now: now).map { $0.milliseconds - now.milliseconds } == expected)
        #expect(PastTime.parse("2026-11-24T09:00:00Z", now: now) == Timestamp("2026-11-24T09:00:00.000Z"))
    }
}
