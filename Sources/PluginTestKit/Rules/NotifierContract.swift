public import PluginKit

/// A notifier to be examined: how to make one, and how long it may take.
public struct NotifierSubject: Sendable {
    let deadline: Duration
    let make: @Sendable () async throws -> any Notifier

    /// - Parameters:
    ///   - deadline: what the drop-in's `deadline_ms` will be; no call may take longer.
    ///   - make: a new instance, not yet started. Called once for each rule.
    public init(deadline: Duration = .seconds(10), make: @escaping @Sendable () async throws -> any Notifier) {
        self.deadline = deadline
        self.make = make
    }

    func run(_ body: (Running) async throws -> Void) async throws {
        let plugin = try await make()
        try await Patience.within(deadline, "start") { try await plugin.start() }
        do {
            try await body(Running(plugin: plugin, deadline: deadline))
        } catch {
            await plugin.stop()
            throw error
        }
        try await Patience.within(deadline, "stop") { await plugin.stop() }
    }

    struct Running: Sendable {
        let plugin: any Notifier
        let deadline: Duration

        func tell(_ event: Event, _ what: String) async throws {
            let (plugin, deadline) = (plugin, deadline)
            do {
                try await Patience.within(deadline, what) {
                    try await plugin.notify(event, context: Patience.context(deadline))
                }
            } catch let error as PluginError {
                try expect(!error.message.isEmpty, "\(what): it failed without saying why")
                try expect(
                    !error.message.contains(Samples.person), "\(what): the error's message holds a person's number")
            } catch let failure as ContractFailure {
                throw failure
            } catch {
                throw ContractFailure(
                    "\(what): it threw \(error); a PluginError says what the host should do, this one counts as a defect"
                )
            }
        }
    }
}

/// What every notifier keeps.
public enum NotifierContract {
    /// Each is run on an instance of its own.
    public static let rules: [ContractRule<NotifierSubject>] = [
        .init("it takes every kind of event, and kinds it has never heard of") { subject in
            try await subject.run { running in
                for (index, kind) in kinds.enumerated() {
                    try await running.tell(event(index, kind: kind), kind.isEmpty ? "an event without kind" : kind)
                }
            }
        },
        .init("it takes events whatever is in them") { subject in
            try await subject.run { running in
                let huge = String(repeating: "x", count: 100_000)
                for (index, json) in [
                    "{}", #"{"message":null}"#, #"{"message":{"content":"😀 \u0000 \"quoted\"\n"}}"#,
                    #"{"alarm":"\#(huge)"}"#, "{\n  \"pretty\" : [ 1, 2.5e3, true ]\n}",
                ].enumerated() {
                    try await running.tell(event(index, json: json), "event \(index)")
                }
            }
        },
        .init("1000 events at once are each taken within the deadline") { subject in
            try await subject.run { running in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<1000 {
                        group.addTask { try await running.tell(event(number), "event \(number) of 1000") }
                    }
                    try await group.waitForAll()
                }
            }
        },
        .init("an event may come twice") { subject in
            try await subject.run { running in
                for time in ["first", "second"] { try await running.tell(event(1), "the \(time) time") }
            }
        },
        .init("a call that is given up ends, and the next is served") { subject in
            try await subject.run { running in
                for number in 0..<50 {
                    let call = Task {
                        try? await running.plugin.notify(event(number), context: Patience.context(running.deadline))
                    }
                    call.cancel()
                    try await Patience.within(running.deadline, "a cancelled call") { await call.value }
                }
                try await running.tell(event(51), "an event after 50 cancelled ones")
            }
        },
        .init("it can be stopped and made again") { subject in
            for round in 1...3 { try await subject.run { try await $0.tell(event(round), "life \(round)") } }
        },
    ]

    /// Runs every rule.
    ///
    /// - Throws: `ContractFailure` at the first that is broken.
    public static func check(_ subject: NotifierSubject) async throws {
        for rule in rules { try await rule.check(subject) }
    }

    private static let kinds = [
        "message.received", "message.sent", "message.failed", "message.delivered", "modem.ready", "modem.gone",
        "storage.down", "storage.up", "alarm", "a.kind.of.the.future", "",
    ]

    private static func event(_ number: Int, kind: String = "message.received", json: String? = nil) -> Event {
        let text = Samples.text("When are you open?", number)
        return Event(
            id: text.uid, kind: kind, at: text.receivedAt,
            json: json ?? #"{"message":{"uid":"\#(text.uid)","phone":"\#(text.phone)","content":"\#(text.content)"}}"#)
    }
}
