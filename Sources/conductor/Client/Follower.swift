import GatewayCore
import PluginKit

/// Follows one text to its end, over a restart of the gateway too.
struct Follower: Sendable {
    let client: GatewayClient
    private let signals: AsyncStream<EventFeed.Signal>

    init(client: GatewayClient) {
        self.client = client
        signals = EventFeed(client: client).signals()
    }

    /// Asks again at every sign of news, for an event may come before the text's row says so.
    ///
    /// - Parameter onNews: called when the text waits for something else than before.
    func end(of uid: String, onNews: (Message) -> Void) async throws -> Message {
        var message = try client.message(uid).message
        onNews(message)
        if SendCommand.isSettled(message) { return message }
        for await signal in signals where signal != .lost {
            let before = message
            message = try ask(uid) ?? message
            if message.notBefore != before.notBefore || message.errorCode != before.errorCode { onNews(message) }
            if SendCommand.isSettled(message) { break }
        }
        return message
    }

    /// nil while the gateway is away.
    private func ask(_ uid: String) throws(CommandFailure) -> Message? {
        do {
            return try client.message(uid).message
        } catch {
            guard error.status == .notRunning else { throw error }
            return nil
        }
    }
}
