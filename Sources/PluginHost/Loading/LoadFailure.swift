/// Why a plugin does not run: one sentence for people.
struct LoadFailure: Error, Sendable, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
