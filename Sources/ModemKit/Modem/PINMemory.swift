import Synchronization

/// PINs that were tried and not taken, for the life of the process: none is ever tried twice, since three wrong ones
/// lock the SIM (E5).
final class PINMemory: Sendable {
    private let refused = Mutex<[String: Set<String>]>([:])

    /// Whether `pin` may be tried on the SIM known under any of `names`.
    func mayTry(_ pin: String, for names: [String]) -> Bool {
        refused.withLock { refused in names.allSatisfy { refused[$0]?.contains(pin) != true } }
    }

    /// To be called before the PIN is written: an answer may get lost, the try does not.
    func remember(_ pin: String, for names: [String]) {
        refused.withLock { refused in for name in names { refused[name, default: []].insert(pin) } }
    }

    func forget(_ pin: String, for names: [String]) {
        refused.withLock { refused in for name in names { refused[name]?.remove(pin) } }
    }
}
