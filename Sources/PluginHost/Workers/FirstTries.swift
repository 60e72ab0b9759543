import PluginKit

/// A plugin that only begins may fail for what passes: the system has no memory for its process or ends it, or it says
/// itself when to ask again. It begins again then, since texts that come meanwhile would go without it.
enum FirstTries {
    /// What such a failure has as `retryAfterMilliseconds`, where nobody knows better.
    static let soon: Int64 = 50
    private static let pauses: [Duration] = [.milliseconds(50), .milliseconds(250), .seconds(1)]

    /// - Throws: what the last try threw, or the first one that will not pass.
    static func run<Value: Sendable>(
        _ begin: () async throws(PluginError) -> Value
    ) async throws(PluginError) -> Value {
        for pause in pauses {
            do throws(PluginError) {
                return try await begin()
            } catch {
                guard error.isPassing else { throw error }
                do { try await Task.sleep(for: pause) } catch _ { throw error }
            }
        }
        return try await begin()
    }
}

extension PluginError {
    /// It may be gone at the next try.
    var isPassing: Bool { code == .unavailable && retryAfterMilliseconds != nil }

    /// The same where what took too long was ended, and nothing of it is left: the machine may only have been slow.
    var isPassingInWorker: Bool { isPassing || code == .deadline }
}
