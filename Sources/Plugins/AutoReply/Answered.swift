internal import PluginKit
internal import Synchronization

/// Who got which rule's answer when. In memory: after a restart everybody may get one more.
final class Answered: Sendable {
    private struct Key: Hashable {
        let phone: String
        let rule: Int
    }

    private struct Last {
        var uid: String
        var at: Int64
    }

    /// When so many are remembered, the ones that no longer matter are forgotten.
    private static let sweep = 10_000
    private let longest: Int64
    private let last = Mutex<[Key: Last]>([:])

    /// - Parameter longest: milliseconds after which no rule cares any more.
    init(longest: Int64) {
        self.longest = longest
    }

    /// Whether `rule` may answer the text now; if so, it has. A text that is asked about again gets the same answer.
    func admit(_ text: InboundText, rule: Int, every: Int64, now: Timestamp) -> Bool {
        guard every > 0 else { return true }
        return last.withLock { last in
            let key = Key(phone: text.phone, rule: rule)
            if let before = last[key], before.uid != text.uid, now.milliseconds - before.at < every,
                now.milliseconds >= before.at
            {
                return false
            }
            if last[key]?.uid == text.uid { return true }
            if last.count >= Self.sweep {
                last = last.filter { now.milliseconds - $0.value.at < longest }
            }
            last[key] = Last(uid: text.uid, at: now.milliseconds)
            return true
        }
    }
}
