/// Why a drop-in as it is now cannot be put into service.
struct Wrong: Sendable {
    var problem: String
    var phase = PluginState.Phase.refused
    /// Is not tried again until something of it changes.
    var failed: Identity?
    var facts: LibraryFacts?
    /// Nothing is broken: it only does not do what the file says.
    var isChoice = false
    /// It may be gone at the next try, which comes by itself.
    var isPassing = false

    init(_ problem: String) {
        self.problem = problem
    }

    init(_ problem: String, _ preparation: Preparation, phase: PluginState.Phase = .refused, isPassing: Bool = false) {
        self.problem = problem
        self.phase = phase
        self.isPassing = isPassing
        failed = isPassing ? nil : preparation.identity
        facts = preparation.facts
    }

    /// What is not done though nothing is broken.
    static func choice(_ problem: String, facts: LibraryFacts? = nil) -> Wrong {
        var wrong = Wrong(problem)
        wrong.isChoice = true
        wrong.facts = facts
        return wrong
    }
}

/// What a look at a drop-in found.
enum Finding: Sendable {
    /// It is what serves.
    case serving
    /// It is what failed before.
    case stillWrong
    case off
    /// The file is no more.
    case gone
    case wrong(Wrong)
    case new(Preparation)
    case made(Generation)
}

/// One drop-in on its way through an update.
struct Look: Sendable {
    let slot: Slot
    var finding: Finding
    /// As the file names it; nil when it could not be read.
    var plugin: String?

    /// What is known of the library that the file names now.
    var facts: LibraryFacts? {
        switch finding {
        case .new(let preparation): preparation.facts
        case .made(let generation): generation.facts
        case .wrong(let wrong): wrong.facts ?? slot.current?.facts
        case .serving: slot.current?.facts
        case .stillWrong: slot.failed == nil ? nil : slot.lastFacts
        case .off, .gone: nil
        }
    }

    /// What is wrong with it may be gone at the next try.
    var isPassing: Bool {
        if case .wrong(let wrong) = finding { wrong.isPassing } else { false }
    }

    /// It is to serve as storage, or did and says nothing else.
    var wantsStorage: Bool { facts?.shortCapabilities.contains("storage") == true }
}

extension Slot {
    /// What is known already of what the file says now; nil when it is new.
    func known(_ identity: Identity) -> Finding? {
        if identity == current?.identity { return .serving }
        return identity == failed ? .stillWrong : nil
    }

    /// Takes over what was found; false when the slot is no more.
    mutating func take(_ finding: Finding, plugin: String) -> Bool {
        self.plugin = plugin
        switch finding {
        case .serving:
            (problem, failed) = (nil, nil)
        case .stillWrong, .new: break
        case .off:
            (current, problem, failed, lastFacts) = (nil, nil, nil, nil)
            phase = .disabled
        case .gone: return false
        case .wrong(let wrong):
            failed = wrong.failed
            lastFacts = wrong.facts ?? lastFacts
            phase = wrong.phase
            problem = wrong.problem
            if let current, !wrong.isChoice { problem = "\(wrong.problem); still serving \(current.facts.version)" }
        case .made(let generation):
            (current, problem, failed) = (generation, nil, nil)
            lastFacts = generation.facts
            generations += 1
        }
        return true
    }
}
