internal import CurlClient
internal import PluginHost
internal import PluginKit

/// Does what plugins ask of the gateway. Their drop-ins' grants have been kept to before a request comes here.
struct PluginServices: Sendable {
    weak let gateway: Gateway?
    let http: CurlClient
    /// False while an earlier run's texts are still being taken up.
    let maySend: Bool

    func serve(_ request: ServiceRequest, plugin: String) async throws(PluginError) -> ServiceReply {
        guard let gateway else { throw PluginError(.unavailable, "the gateway is stopping") }
        let owner = Self.owner(plugin)
        switch request {
        case .send(let text): return .sent(try await send(text, plugin: plugin, owner: owner, gateway))
        case .conversation(let query): return .conversation(try await conversation(query, gateway))
        case .contact(let phone):
            let number = try gateway.personNumber(phone)
            return .contact(try await gateway.contact(of: number))
        case .changeContact(let change):
            let number = try gateway.personNumber(change.phone)
            return .contact(try gateway.withConsent(try await gateway.console.change(change, phone: number)))
        case .customer(let query): return .card(try await gateway.card(query))
        case .value(let key):
            return .value(try await gateway.console.value(key, plugin: owner, now: gateway.clock.now))
        case .setValue(let entry):
            try await gateway.console.set(entry, plugin: owner, now: gateway.clock.now)
            return .done
        case .removeValue(let key):
            try await gateway.console.remove(key, plugin: owner)
            return .done
        case .keys(let query):
            return .keys(try await gateway.console.keys(query, plugin: owner, now: gateway.clock.now))
        case .http(let request): return .http(try await ask(request))
        }
    }

    /// The drop-in's name without its number: `20-bot.yaml` may be renamed `30-bot.yaml` and keeps its values.
    static func owner(_ plugin: String) -> String {
        let digits = plugin.prefix { $0.isASCII && $0.isNumber }
        let rest = plugin.dropFirst(digits.count)
        guard !digits.isEmpty, rest.hasPrefix("-"), rest.count > 1 else { return plugin }
        return String(rest.dropFirst())
    }

    private func send(
        _ text: OutgoingRequest, plugin: String, owner: String, _ gateway: Gateway
    ) async throws(PluginError) -> SendReceipt {
        guard maySend else {
            throw PluginError(
                .unavailable, "the gateway is starting: send once `start` has returned", retryAfterMilliseconds: 1_000)
        }
        if let key = text.idempotencyKey, !(1...128).contains(key.utf8.count) || key.hasNUL {
            throw PluginError(.invalid, "an idempotency key has 1 to 128 bytes, and no zero byte")
        }
        let request = SendRequest(
            to: text.phone, text: text.text, from: text.sim, at: text.notBefore,
            idempotencyKey: text.idempotencyKey.map { "plugin:\(owner):\($0)" }, origin: "plugin:\(plugin)")
        let purpose: OutgoingText.Purpose =
            switch text.purpose {
            case .conversation: .conversation
            case .notice: .notice
            case .promotion: .promotion
            }
        do {
            let queued = try await gateway.queue(request, purpose: purpose)
            if queued.isNew, gateway.options.policy.content.warns {
                for warning in ContentLint.warnings(text.text, isPromotion: purpose == .promotion) {
                    gateway.host.logs.add(
                        plugin, .warning, "\(queued.uid): \(warning.code.rawValue): \(warning.message)")
                }
            }
            return SendReceipt(uid: queued.uid, isRepetition: !queued.isNew)
        } catch {
            throw PluginError(error)
        }
    }

    private func conversation(
        _ query: ConversationQuery, _ gateway: Gateway
    ) async throws(PluginError) -> ConversationPage {
        guard (1...200).contains(query.limit) else {
            throw PluginError(.invalid, "limit is \(query.limit): it may be 1 to 200")
        }
        let wanted = MessageQuery(
            phone: try gateway.personNumber(query.phone), cursor: query.before, limit: query.limit)
        do throws(PluginError) {
            guard let storage = gateway.host.storage else { throw PluginError(.unavailable, "no storage serves") }
            let messages = try await storage.messages(wanted)
            let isFull = messages.count == Int(query.limit)
            return ConversationPage(messages: messages, before: isFull ? messages.last?.storageID : nil)
        } catch {
            // A cursor belongs to storage: without it, an empty page would be a lie (C3).
            guard query.before == nil, error.code != .cancelled else { throw error }
            do throws(GatewayError) {
                return ConversationPage(messages: try gateway.recent(wanted))
            } catch {
                throw PluginError(error)
            }
        }
    }

    private func ask(_ request: HTTPRequest) async throws(PluginError) -> HTTPResponse {
        let wanted = CurlRequest(
            method: request.method, url: request.url, headers: request.headers.map { .init($0.name, $0.value) },
            body: request.body, timeoutMilliseconds: request.timeoutMilliseconds,
            responseLimit: request.responseLimit)
        do {
            let response = try await http.perform(wanted)
            return HTTPResponse(
                status: response.status, headers: response.headers.map { .init($0.name, $0.value) },
                body: response.body)
        } catch {
            let code: PluginError.Code =
                switch error.code {
                case .invalid: .invalid
                case .unreachable, .unresolved, .untrusted: .unavailable
                case .timedOut: .deadline
                case .tooLong: .conflict
                case .cancelled: .cancelled
                }
            throw PluginError(code, error.description)
        }
    }
}

extension PluginError {
    fileprivate init(_ error: GatewayError) {
        let code: Code =
            switch error.code {
            case .invalid, .notFound: .invalid
            case .refused: .conflict
            case .unavailable: .unavailable
            }
        self.init(code, error.message)
    }
}
