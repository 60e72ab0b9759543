/// Why a plugin does not run: one sentence for people.
struct LoadFailure: Error, Sendable, Hashable, CustomStringConvertible {
    let description: String
    /// It may be gone at the next try.
    var isPassing = false

    init(_ description: String, isPassing: Bool = false) {
        self.description = description
        self.isPassing = isPassing
    }
}
