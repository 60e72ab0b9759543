import PluginKit

/// What every responder keeps.
public enum ResponderContract {
    /// Each is run on an instance of its own.
    public static let rules: [ContractRule<ResponderSubject>] = [
        .init("it answers or declines, whatever a person writes") { subject in
            try await subject.run { running in
                for (index, sample) in Samples.awkward.enumerated() {
                    try await running.ask(Samples.text(sample.content, index), sample.name)
                }
            }
        },
        .init("it answers or declines, whoever writes") { subject in
            try await subject.run { running in
                for sample in Samples.strange { try await running.ask(sample.text, sample.name) }
            }
        },
        .init("1000 texts at once are each decided within the deadline") { subject in
            try await subject.run { running in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<1000 {
                        group.addTask {
                            let digits = String(number)
                            let phone = "+1500555" + String(repeating: "0", count: 4 - digits.count) + digits
                            let text = Samples.text("When are you open? \(number)", number, phone: phone)
                            try await running.ask(text, "text \(number) of 1000")
                        }
                    }
                    try await group.waitForAll()
                }
            }
        },
        .init("a call that is given up ends, and the next is served") { subject in
            try await subject.run { running in
                for number in 0..<50 {
                    let call = Task {
                        _ = try? await running.plugin.respond(
                            to: Samples.text("hello", number), context: Patience.context(running.deadline))
                    }
                    call.cancel()
                    try await Patience.within(running.deadline, "a cancelled call") { await call.value }
                }
                try await running.ask(Samples.text("hello again", 51), "a text after 50 cancelled ones")
            }
        },
        .init("a call whose deadline is over ends too") { subject in
            try await subject.run { running in
                let late = CallContext(callID: 7, deadlineNanoseconds: Patience.monotonicNanoseconds() - 1)
                try await Patience.within(running.deadline, "a call whose deadline is over") {
                    _ = try? await running.plugin.respond(to: Samples.text("hello"), context: late)
                }
                try await running.ask(Samples.text("hello", 2), "the text after it")
            }
        },
        .init("the same text asked about twice does its work once") { subject in
            // The host asks again after a crash.
            guard let sideEffects = subject.sideEffects else { return }
            try await subject.run { running in
                let text = Samples.text("When are you open?")
                let first = try await running.ask(text, "the first time")
                let after = try await sideEffects()
                let second = try await running.ask(text, "the second time")
                let end = try await sideEffects()
                try expect(end == after, "asked again about the same uid, it did its work \(end - after) times more")
                try expect(
                    first?.kind == second?.kind && first?.text == second?.text,
                    "asked again about the same uid, it decided otherwise")
            }
        },
        .init("it can be stopped and made again") { subject in
            for round in 1...3 {
                try await subject.run { try await $0.ask(Samples.text("hello", round), "life \(round)") }
            }
        },
    ]

    /// Runs every rule.
    ///
    /// - Throws: `ContractFailure` at the first that is broken.
    public static func check(_ subject: ResponderSubject) async throws {
        for rule in rules { try await rule.check(subject) }
    }
}
