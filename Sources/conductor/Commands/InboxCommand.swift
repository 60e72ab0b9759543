import ArgumentParser
import ConsoleServer
import GatewayCore
import PluginKit

struct InboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inbox", abstract: "Texts that came, newest first.",
        discussion: "With --follow, new texts are printed as they come, over a restart of the gateway too.")

    @Flag(help: "Only texts nobody has read.")
    var unread = false

    @Flag(name: [.short, .long], help: "Go on, and print each new text as it comes.")
    var follow = false

    @Option(name: [.short, .long], help: "How many.")
    var limit = 20

    @OptionGroup var output: JSONOption
    @OptionGroup var options: ClientOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit must be 1 or more.") }
    }

    func run() async throws {
        let client = try options.client()
        let query = MessageQuery(direction: .inbound, status: unread ? .unread : nil)
        let terminal = Terminal.output
        let signals = follow ? EventFeed(client: client).signals() : nil
        let first = try client.messages(query, count: limit)
        if let signals {
            var news = Newcomers(seen: first)
            for message in first.reversed() { try show(message) }
            try await followOn(signals, client: client, query: query, news: &news)
        } else if output.json {
            try terminal.json(first)
        } else if first.isEmpty {
            Terminal.errors.line(unread ? "nothing unread" : "no texts")
        } else {
            MessageList(now: HumanTime.now, terminal: terminal).inbox(first).forEach { terminal.line($0) }
        }
    }

    private func followOn(
        _ signals: AsyncStream<EventFeed.Signal>, client: GatewayClient, query: MessageQuery, news: inout Newcomers
    ) async throws {
        var isAway = false
        for await signal in signals {
            if signal == .lost {
                if !isAway { Terminal.errors.line("the gateway is away; waiting for it…") }
                isAway = true
                continue
            }
            do {
                for message in try await newcomers(client, query: query, news: &news) { try show(message) }
                if case .news(let uid?) = signal, let message = try late(uid, client: client, query: query, news: &news)
                {
                    try show(message)
                }
                if isAway { Terminal.errors.line("the gateway is back") }
                isAway = false
            } catch let failure as CommandFailure where failure.status != .usage {
                // It went away between the event and the question: the next signal asks again.
                continue
            }
        }
    }

    /// Texts not shown yet, oldest first; as many pages as it takes to meet one that was.
    private func newcomers(
        _ client: GatewayClient, query: MessageQuery, news: inout Newcomers
    ) async throws -> [Message] {
        var query = query
        query.limit = 100
        var fresh: [Message] = []
        while true {
            let page = try client.page(query)
            let unseen = page.messages.filter { !news.hasSeen($0) }
            fresh += unseen
            guard unseen.count == page.messages.count, let next = page.nextCursor, !news.isEmpty else { break }
            query.cursor = next
        }
        news.add(fresh)
        return fresh.reversed()
    }

    /// A text that was told of before storage had it.
    private func late(
        _ uid: String, client: GatewayClient, query: MessageQuery, news: inout Newcomers
    ) throws -> Message? {
        guard !news.hasSeen(uid) else { return nil }
        let message = try client.message(uid).message
        news.add([message])
        guard message.direction == .inbound, query.status == nil || query.status == message.status else { return nil }
        return message
    }

    private func show(_ message: Message) throws {
        if output.json {
            Terminal.output.write(bytes: try APICoding.encode(message) + [0x0A])
        } else {
            let terminal = Terminal.output
            terminal.line(MessageList(now: HumanTime.now, terminal: terminal).line(message, isFollowing: true))
        }
    }
}

/// Which texts were shown; remembers the latest few thousand.
struct Newcomers: Sendable {
    private var seen: Set<String> = []
    private var order: [String] = []

    init(seen messages: [Message]) {
        add(messages)
    }

    var isEmpty: Bool { seen.isEmpty }

    func hasSeen(_ message: Message) -> Bool {
        seen.contains(Self.key(message))
    }

    func hasSeen(_ uid: String) -> Bool {
        seen.contains(uid)
    }

    mutating func add(_ messages: [Message]) {
        for message in messages where seen.insert(Self.key(message)).inserted { order.append(Self.key(message)) }
        guard order.count > 10_000 else { return }
        for old in order.prefix(5_000) { seen.remove(old) }
        order.removeFirst(5_000)
    }

    private static func key(_ message: Message) -> String {
        message.uid ?? "row \(message.storageID ?? 0)"
    }
}
