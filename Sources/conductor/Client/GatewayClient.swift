import ArgumentParser
import ConsoleServer
import GatewayCore
import ModemKit
import PluginKit

/// What the client commands share: how the gateway is found.
struct ClientOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The configuration file of the gateway to talk to.", valueName: "file"))
    var config: String?

    func client() throws(CommandFailure) -> GatewayClient {
        GatewayClient(http: HTTPSocket(path: try GatewayAddress.find(config: config)))
    }
}

/// The running gateway, asked over its API.
struct GatewayClient: Sendable {
    let http: HTTPSocket

    func status() throws(CommandFailure) -> GatewayStatus {
        try get("/status")
    }

    func modems() throws(CommandFailure) -> [ModemSnapshot] {
        try get("/modems")
    }

    func plugins() throws(CommandFailure) -> [PluginReport] {
        try get("/plugins")
    }

    func reloadPlugins(_ name: String?) throws(CommandFailure) -> PluginReload {
        try post("/plugins/reload", PluginReloadRequest(name: name))
    }

    func pluginLog(_ name: String, after number: Int) throws(CommandFailure) -> [PluginLogLine] {
        let page: PluginLogPage = try get("/plugins/\(Self.escaped(name))/logs?after=\(number)")
        return page.lines
    }

    func message(_ uid: String) throws(CommandFailure) -> MessageDetail {
        try get("/messages/\(Self.escaped(uid))")
    }

    func retry(_ uid: String) throws(CommandFailure) -> Message {
        try decode(try http.perform("POST", "/api/v1/messages/\(Self.escaped(uid))/retry", body: Array("{}".utf8)))
    }

    func at(_ command: String, modem: String) throws(CommandFailure) -> [String] {
        let reply: ATReply = try post("/modems/\(Self.escaped(modem))/at", ATRequest(command: command))
        return reply.lines
    }

    func send(_ request: SendRequest) throws(CommandFailure) -> Message {
        try post("/messages", request)
    }

    func page(_ query: MessageQuery) throws(CommandFailure) -> MessagePage {
        var terms = ["limit=\(query.limit)"]
        if let direction = query.direction { terms.append("direction=\(direction.rawValue)") }
        if let status = query.status { terms.append("status=\(status.rawValue)") }
        if let status = query.deliveryStatus { terms.append("delivery_status=\(status.rawValue)") }
        if let phone = query.phone { terms.append("phone=\(Self.escaped(phone))") }
        if let cursor = query.cursor { terms.append("cursor=\(cursor)") }
        if query.oldestFirst { terms.append("order=oldest") }
        return try get("/messages?\(terms.joined(separator: "&"))")
    }

    /// As many texts as asked for, page by page.
    func messages(_ query: MessageQuery, count: Int) throws(CommandFailure) -> [Message] {
        var query = query
        var messages: [Message] = []
        while messages.count < count {
            query.limit = Int32(min(count - messages.count, 1000))
            let page = try page(query)
            messages += page.messages
            guard let next = page.nextCursor, !page.messages.isEmpty else { break }
            query.cursor = next
        }
        return messages
    }

    func contact(_ number: String) throws(CommandFailure) -> ContactRecord {
        try get("/contacts/\(Self.escaped(number))")
    }

    func eraseContact(_ number: String, dryRun: Bool) throws(CommandFailure) -> ErasureReport {
        try post("/contacts/\(Self.escaped(number))/erase", ErasureWish(dryRun: dryRun))
    }

    /// Events from now on; an item of empty kind is a sign of life.
    func events() -> AsyncThrowingStream<[UInt8], any Error> {
        http.stream("/api/v1/events")
    }

    private func get<Value: Decodable>(_ target: String) throws(CommandFailure) -> Value {
        try decode(try http.perform("GET", "/api/v1\(target)"))
    }

    private func post<Value: Decodable>(_ target: String, _ body: some Encodable) throws(CommandFailure) -> Value {
        let bytes: [UInt8]
        do {
            bytes = try APICoding.encode(body)
        } catch {
            throw CommandFailure(.failed, "the request cannot be written: \(error)")
        }
        return try decode(try http.perform("POST", "/api/v1\(target)", body: bytes))
    }

    private func decode<Value: Decodable>(_ reply: HTTPSocket.Reply) throws(CommandFailure) -> Value {
        guard reply.status < 400 else { throw Self.failure(reply) }
        do {
            return try APICoding.decode(Value.self, from: reply.body)
        } catch {
            throw CommandFailure(
                .failed, "the gateway's answer cannot be read; is it of another version? (conductor version)")
        }
    }

    /// A problem's code decides the exit code.
    static func failure(_ reply: HTTPSocket.Reply) -> CommandFailure {
        guard let problem = try? APICoding.decode(Problem.self, from: reply.body) else {
            return CommandFailure(.failed, "the gateway answered \(reply.status)")
        }
        let status: ExitStatus =
            switch problem.code {
            case "invalid": .usage
            case "refused": .refused
            default: .failed
            }
        return CommandFailure(status, problem.detail)
    }

    /// Percent-encoding of everything but RFC 3986's unreserved characters.
    static func escaped(_ text: String) -> String {
        let hex = Array("0123456789ABCDEF")
        return text.utf8.reduce(into: "") { out, byte in
            let scalar = Unicode.Scalar(byte)
            if scalar.isASCII, scalar.properties.isAlphabetic || (48...57).contains(byte) || "-._~".utf8.contains(byte)
            {
                out.unicodeScalars.append(scalar)
            } else {
                out += "%\(hex[Int(byte >> 4)])\(hex[Int(byte & 15)])"
            }
        }
    }
}
