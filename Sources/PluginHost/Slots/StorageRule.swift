import PluginKit

/// Exactly one storage serves: two would each have half of the truth. The one that serves goes on until exactly one other
/// is enabled in its stead and takes texts; where that is none or two, or the other one is away, it stays.
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
        guard let place = looks.firstIndex(where: { $0.slot.number == storage && $0.slot.current != nil }) else {
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
            for index in others {
                refuse(index, "\(name) serves as storage, and only one can: disable one of the two")
            }
            if let other = others.first {
                problem =
                    "\(others.count + 1) storages are enabled: \(name) serves on, \(looks[other].slot.fileName) does not"
            }
            return
        }
        if others.count == 1 {
            if case .new = looks[others[0]].finding {
                successor = looks[others[0]].slot.number
            } else {
                keep(place, "\(looks[others[0]].slot.fileName) cannot take its place")
            }
            return
        }
        for index in others {
            refuse(index, "\(others.count) storages are enabled, and \(name) serves until it is one")
        }
        keep(place, others.isEmpty ? "no other storage is enabled" : "\(others.count) others are enabled")
    }

    /// After all were made: who serves, and what is to be said.
    mutating func settle() {
        if let successor, let place = looks.firstIndex(where: { $0.slot.number == storage }) {
            if case .made? = looks.first(where: { $0.slot.number == successor })?.finding {
                storage = successor
                return
            }
            let other = looks.first { $0.slot.number == successor }
            var why = "\(other?.slot.fileName ?? "the other one") cannot take its place"
            if case .wrong(let wrong)? = other?.finding { why += " (\(wrong.problem))" }
            keep(place, why)
        }
        if let look = looks.first(where: { $0.slot.number == storage }) {
            // One that was broken by its new file or library serves on.
            if problem == nil, case .wrong(let wrong) = look.finding, wrong.isChoice || wrong.isPassing {
                problem = wrong.isChoice ? wrong.problem : "\(wrong.problem); it serves on as it was"
            }
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

    /// Why `new` cannot take texts in the place of `old`, so that this one had better go on; nil when it can, and for
    /// a new version of the same one.
    static func obstacle(_ old: Generation, _ new: Generation) async -> PluginError? {
        if old.facts.id == new.facts.id, old.identity.hasSameSettings(as: new.identity) { return nil }
        do throws(PluginError) {
            _ = try await new.call(.health)
            return nil
        } catch {
            return error
        }
    }
}
