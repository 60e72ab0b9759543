import ArgumentParser
import CRMImport
import ConsoleServer
import GatewayCore
import Glibc
import ModemKit
import PluginKit

/// What the client commands share: how the gateway is found.
struct ClientOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The configuration file of the gateway to talk to.", valueName: "file"))
    var config: String?

    func client() throws(CommandFailure) -> GatewayClient {
        // Whoever started us may ignore it; then `--follow | head` would go on for ever, with nobody to read.
        signal(SIGPIPE, SIG_DFL)
        return GatewayClient(http: HTTPSocket(path: try GatewayAddress.find(config: config)))
    }
}

/// The running gateway, asked over its API.
struct GatewayClient: Sendable {
    let http: HTTPSocket

    func status() throws(CommandFailure) -> GatewayStatus {
        try get("/status")
    }

    func fleet() throws(CommandFailure) -> FleetReport {
        try get("/fleet")
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

    func cancel(_ uid: String) throws(CommandFailure) -> Message {
        try decode(try http.perform("POST", "/api/v1/messages/\(Self.escaped(uid))/cancel", body: Array("{}".utf8)))
    }

    func settle(_ uid: String, _ settlement: Settlement) throws(CommandFailure) -> Message {
        try post("/messages/\(Self.escaped(uid))/settle", settlement)
    }

    /// Waits as long as a hundred thousand texts take.
    func retryFailed(_ request: BulkRetry) throws(CommandFailure) -> BulkRetryReport {
        try post("/messages/retry", request, seconds: 3_600)
    }

    /// Waits as long as the copying takes, up to a day.
    func backup(_ request: BackupRequest) throws(CommandFailure) -> BackupReport {
        try post("/storage/backup", request, seconds: 86_400)
    }

    func customer(_ number: String, purchases: Int) throws(CommandFailure) -> CustomerCard {
        try get("/customers/\(Self.escaped(number))?purchases=\(purchases)")
    }

    func customers(_ words: String, limit: Int) throws(CommandFailure) -> [Customer] {
        let page: CustomerPage = try get("/customers?limit=\(limit)&search=\(Self.escaped(words))")
        return page.customers
    }

    /// - Parameter terms: filters, order and direction.
    func customerList(
        _ list: CustomerList, _ terms: [(name: String, value: String)], limit: Int, cursor: String?
    ) throws(CommandFailure) -> CustomerListPage {
        var all = terms + [("limit", "\(limit)")]
        if let cursor { all.append(("cursor", cursor)) }
        let query = all.map { "\(Self.escaped($0.name))=\(Self.escaped($0.value))" }.joined(separator: "&")
        return try get("/crm/\(list.rawValue)?\(query)")
    }

    func mergeCustomers(_ request: CustomerMergeRequest) throws(CommandFailure) -> CustomerDifferencePage {
        try post("/customers/merge", request, seconds: 3_600)
    }

    func recountCustomers(_ request: CustomerRecountRequest) throws(CommandFailure) -> CustomerDifferencePage {
        try post("/customers/recount", request, seconds: 3_600)
    }

    func customerRules(_ request: CustomerRulesRequest) throws(CommandFailure) -> CustomerDifferencePage {
        try post("/customers/rules", request)
    }

    func beginImport(_ start: ImportStart) throws(CommandFailure) -> ImportReport {
        try post("/imports", start)
    }

    func appendImport(_ number: Int, _ bytes: [UInt8], at offset: Int) throws(CommandFailure) {
        let reply = try http.perform("PUT", "/api/v1/imports/\(number)/file?offset=\(offset)", body: bytes)
        if reply.status >= 400 { throw Self.failure(reply) }
    }

    func checkImport(_ number: Int, _ wish: ImportWish?) throws(CommandFailure) -> ImportCheck {
        try post("/imports/\(number)/check", wish ?? ImportWish(), seconds: 3_600)
    }

    func runImport(_ number: Int, _ run: ImportRun) throws(CommandFailure) -> ImportReport {
        try post("/imports/\(number)/run", run, seconds: 3_600)
    }

    func imports() throws(CommandFailure) -> [ImportReport] {
        let list: ImportList = try get("/imports")
        return list.imports
    }

    func importReport(_ number: Int) throws(CommandFailure) -> ImportReport {
        try get("/imports/\(number)")
    }

    /// A part, from a byte on; nothing at the end.
    func importRejects(_ number: Int, from offset: Int) throws(CommandFailure) -> [UInt8] {
        let reply = try http.perform("GET", "/api/v1/imports/\(number)/rejects?offset=\(offset)")
        if reply.status >= 400 { throw Self.failure(reply) }
        return reply.body
    }

    func removeImport(_ number: Int) throws(CommandFailure) {
        let reply = try http.perform("DELETE", "/api/v1/imports/\(number)")
        if reply.status >= 400 { throw Self.failure(reply) }
    }

    func undoImport(_ number: Int, dryRun: Bool) throws(CommandFailure) -> ImportUndoReport {
        try post("/imports/\(number)/undo", ErasureWish(dryRun: dryRun), seconds: 86_400)
    }

    func storageReport() throws(CommandFailure) -> StorageReport {
        try get("/storage")
    }

    func archivePage(_ request: ArchivePageRequest) throws(CommandFailure) -> ArchivePage {
        try post("/storage/archive/page", request)
    }

    func removeArchived(_ removal: ArchiveRemoval) throws(CommandFailure) -> ArchiveRemovalReport {
        try post("/storage/archive/remove", removal, seconds: 3_600)
    }

    func importTexts(_ part: TextImport) throws(CommandFailure) -> TextImportReport {
        try post("/storage/import", part, seconds: 3_600)
    }

    /// Waits as long as the copying takes, up to a day.
    func switchStorage(_ request: StorageSwitchRequest) throws(CommandFailure) -> StorageSwitchReport {
        try post("/storage/switch", request, seconds: 86_400)
    }

    func forgetStorage(_ request: StorageForgetRequest) throws(CommandFailure) -> StorageForgetReport {
        try post("/storage/forget", request)
    }

    func at(_ command: String, modem: String) throws(CommandFailure) -> [String] {
        let reply: ATReply = try post("/modems/\(Self.escaped(modem))/at", ATRequest(command: command))
        return reply.lines
    }

    func ports() throws(CommandFailure) -> [PortReport] {
        try decode(try http.perform("POST", "/api/v1/modems/probe", body: Array("{}".utf8)))
    }

    func reset(modem: String, step: String) throws(CommandFailure) {
        let _: ModemResetRequest = try post("/modems/\(Self.escaped(modem))/reset", ModemResetRequest(step: step))
    }

    /// Waits as long as the network may take.
    func ussd(_ request: USSDRequest, modem: String) throws(CommandFailure) -> USSDAnswer {
        try post("/modems/\(Self.escaped(modem))/ussd", request, seconds: 120)
    }

    func trace(modem: String, after number: Int) throws(CommandFailure) -> TraceReport {
        try get("/modems/\(Self.escaped(modem))/trace?after=\(number)")
    }

    func resume(modem: String) throws(CommandFailure) -> LimitUse {
        try decode(try http.perform("POST", "/api/v1/modems/\(Self.escaped(modem))/resume", body: Array("{}".utf8)))
    }

    /// Numbers that are out, page by page; with `phone` the story of one.
    func optOuts(phone: String?) throws(CommandFailure) -> [OptOut] {
        if let phone {
            let page: OptOutPage = try get("/optouts?limit=1000&phone=\(Self.escaped(phone))")
            return page.optOuts
        }
        var found: [OptOut] = []
        var after: String?
        repeat {
            let place = after.map { "&after=\(Self.escaped($0))" } ?? ""
            let page: OptOutPage = try get("/optouts?limit=1000\(place)")
            found += page.optOuts
            after = page.nextAfter
        } while after != nil
        return found
    }

    func addOptOut(_ change: OptOutChange) throws(CommandFailure) -> OptOut {
        try post("/optouts", change)
    }

    func removeOptOut(_ change: OptOutChange) throws(CommandFailure) -> OptOut {
        try post("/optouts/remove", change)
    }

    func importOptOuts(_ list: OptOutImport) throws(CommandFailure) -> OptOutImportReport {
        try post("/optouts/import", list)
    }

    func send(_ request: SendRequest) throws(CommandFailure) -> QueuedText {
        try post("/messages", request)
    }

    func page(_ query: MessageQuery) throws(CommandFailure) -> MessagePage {
        var terms = ["limit=\(query.limit)"]
        if let direction = query.direction { terms.append("direction=\(direction.rawValue)") }
        if let status = query.status { terms.append("status=\(status.rawValue)") }
        if let status = query.deliveryStatus { terms.append("delivery_status=\(status.rawValue)") }
        if let phone = query.phone { terms.append("phone=\(Self.escaped(phone))") }
        if let search = query.search { terms.append("search=\(Self.escaped(search))") }
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

    private func post<Value: Decodable>(
        _ target: String, _ body: some Encodable, seconds: Int = 150
    ) throws(CommandFailure) -> Value {
        let bytes: [UInt8]
        do {
            bytes = try APICoding.encode(body)
        } catch {
            throw CommandFailure(.failed, "the request cannot be written: \(error)")
        }
        return try decode(try http.perform("POST", "/api/v1\(target)", body: bytes, seconds: seconds))
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
