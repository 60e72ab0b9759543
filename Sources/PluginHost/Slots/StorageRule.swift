import PluginKit

/// Exactly one storage serves. Two would each have half of the truth, and a text that one of them has is not in the
/// other: while the gateway runs, the one that serves is never exchanged for another, and never switched off.
struct StorageRule: Sendable {
    var looks: [Look]
    /// The slot that served before; then the one that serves.
    private(set) var storage: Int?
    /// Why none serves, or why not the one that the files say.
    private(set) var problem: String?
    private let folder: String
    /// The one that is to take the place of the one that served, if it can be made.
    private var successor: Int?

    init(looks: [Look], serving: Int?, folder: String) {
        self.looks = looks
        storage = serving
        self.folder = folder
    }

    /// Before anything is made: refuses what must not be.
    mutating func admit() {
        let others = looks.indices.filter { looks[$0].slot.number != storage && looks[$0].wantsStorage }
        guard let place = looks.firstIndex(where: { $0.slot.number == storage }), let old = looks[place].slot.current
        else {
            guard others.count > 1 else { return }
            let names = others.map { looks[$0].slot.fileName }.joined(separator: " and ")
            let sentence =
                "\(others.count) storages are enabled (\(names)), and none of them serves: disable all but one"
            for index in others { refuse(index, sentence) }
            problem = sentence
            return
        }
        let name = looks[place].slot.fileName
        if looks[place].wantsStorage {
            if case .new(let new) = looks[place].finding, new.facts.id != old.facts.id {
                refuse(place, Self.later(from: old.facts.id, to: new.facts.id))
            }
            for index in others {
                refuse(index, "\(name) serves as storage, and only one can: disable one of the two")
            }
            if let other = others.first {
                problem =
                    "\(others.count + 1) storages are enabled: \(name) serves on, \(looks[other].slot.fileName) does not"
            }
            return
        }
        if others.count == 1, case .new(let new) = looks[others[0]].finding, new.facts.id == old.facts.id {
            successor = looks[others[0]].slot.number
            return
        }
        for index in others {
            refuse(
                index,
                others.count == 1
                    ? Self.later(from: old.facts.id, to: looks[index].facts?.id ?? "")
                    : "\(others.count) storages are enabled, and \(name) serves until it is one")
        }
        keep(place, others.isEmpty ? "no other storage is enabled" : "no other one can take its place now")
    }

    /// After all were made: who serves, and what is to be said.
    mutating func settle() {
        if let successor, let place = looks.firstIndex(where: { $0.slot.number == storage }) {
            if case .made? = looks.first(where: { $0.slot.number == successor })?.finding {
                storage = successor
                return
            }
            keep(place, "the other one could not take its place")
        }
        if let look = looks.first(where: { $0.slot.number == storage }) {
            // One that was broken by its new file or library serves on.
            if problem == nil, case .wrong(let wrong) = look.finding, wrong.isChoice { problem = wrong.problem }
            return
        }
        storage =
            looks.first { look in
                if case .made(let generation) = look.finding { return generation.offers("storage") }
                return false
            }?.slot.number
        if storage == nil, problem == nil { problem = missing }
    }

    private mutating func refuse(_ index: Int, _ sentence: String) {
        looks[index].finding = .wrong(.choice(sentence, facts: looks[index].facts))
    }

    /// It goes on though its file says otherwise.
    private mutating func keep(_ place: Int, _ why: String) {
        let file = looks[place].slot.fileName
        let what =
            switch looks[place].finding {
            case .gone: "is gone"
            case .off: "is disabled"
            default: "is another plugin now"
            }
        let sentence = "\(file) \(what), but \(why): it serves as storage until the gateway is stopped or that changes"
        looks[place].finding = .wrong(.choice(sentence))
        problem = sentence
    }

    private var missing: String {
        for look in looks where look.wantsStorage {
            if case .wrong(let wrong) = look.finding { return wrong.problem }
            if let known = look.slot.problem { return known }
        }
        let refused = looks.filter { look in
            switch look.finding {
            case .wrong(let wrong): wrong.phase == .refused
            case .stillWrong: look.slot.phase == .refused
            default: false
            }
        }
        let names = refused.map(\.slot.fileName).joined(separator: ", ")
        return "no storage is enabled in \(folder)" + (names.isEmpty ? "" : " (refused: \(names))")
    }

    /// Why `new` must not take the place of `old`; nil when both keep the same texts.
    static func difference(_ old: Generation, _ new: Generation) async -> String? {
        if old.facts.id == new.facts.id, old.identity.hasSameSettings(as: new.identity) { return nil }
        let was = await location(of: old)
        let willBe = await location(of: new)
        if old.facts.id == new.facts.id, let was, was == willBe { return nil }
        return later(from: was ?? old.facts.id, to: willBe ?? new.facts.id)
    }

    private static func later(from old: String, to new: String) -> String {
        "storage changes from \(old) to \(new) at the next start, not while the gateway runs: the texts that the first "
            + "has are not in the second"
    }

    private static func location(of generation: Generation) async -> String? {
        guard case .health(let health)? = try? await generation.runtime.call(.health) else { return nil }
        return health.location
    }
}
