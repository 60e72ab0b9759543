/// What an update made of one drop-in, for people.
struct Change: Sendable {
    /// The file's name.
    let name: String
    /// The drop-in's name.
    let stem: String
    /// nil when nothing changed.
    let sentence: String?
    let isBad: Bool

    /// - Parameters:
    ///   - slot: as it is now.
    ///   - old: what served before.
    ///   - problem: what was wrong before.
    ///   - isGone: the file is no more.
    init(slot: Slot, old: Generation?, problem: String?, isGone: Bool) {
        name = slot.fileName
        stem = slot.name
        var bad = false
        if isGone {
            sentence = old == nil ? nil : "it is removed, and serves no longer"
        } else if let new = slot.current, new !== old {
            let version = new.facts.version
            sentence =
                switch old?.facts.version {
                case nil: "\(version) serves"
                case version: "\(version) was loaded anew and serves"
                case .some(let before): "\(version) serves instead of \(before)"
                }
        } else if let now = slot.problem {
            sentence = now == problem ? nil : now
            bad = true
        } else if slot.current == nil {
            let isNews = old != nil || problem != nil
            sentence = isNews ? "it is disabled, and does not serve" : nil
        } else {
            sentence = problem == nil ? nil : "it is as it was: \(slot.current?.facts.version ?? "") serves"
        }
        isBad = bad
    }

    /// A library that no drop-in names.
    init(_ library: PluginState) {
        name = library.dropIn
        stem = library.dropIn
        sentence = library.problem
        isBad = false
    }
}
