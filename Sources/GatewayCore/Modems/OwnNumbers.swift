internal import ModemKit
internal import Synchronization

/// The numbers of the SIMs that are, or were, in our modems: two gateways, or two SIMs of one, never answer each other.
final class OwnNumbers: Sendable {
    private let numbers = Mutex<Set<String>>([])
    private let policy: Policy

    init(policy: Policy) {
        self.policy = policy
    }

    /// A modem said which number it has.
    func note(_ modem: ModemSnapshot) {
        guard let number = modem.number.flatMap({ policy.number($0)?.text }) else { return }
        numbers.withLock { _ = $0.insert(number) }
    }

    func has(_ phone: String) -> Bool {
        numbers.withLock { $0.contains(phone) }
    }
}
