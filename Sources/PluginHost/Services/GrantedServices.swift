import PluginKit

/// What the gateway does for one plugin: no more than its drop-in grants. The plugin's requests come here, from this
/// process or from a worker, and only what may pass goes on to the gateway.
final class GrantedServices: HostServices {
    /// What is common to all plugins of a host, and outlives their instances.
    struct Shared: Sendable {
        let services: any HostServices
        let numbers: NumbersInHand
        let budget: SendBudget
        /// `CLOCK_MONOTONIC` nanoseconds.
        let now: @Sendable () -> Int64

        init(_ services: any HostServices, now: @escaping @Sendable () -> Int64 = { MonotonicClock.now }) {
            self.services = services
            self.now = now
            numbers = NumbersInHand()
            budget = SendBudget()
        }
    }

    private let shared: Shared
    private let name: String
    private let grants: Grants
    private let discretion: Discretion

    /// - Parameters:
    ///   - name: the drop-in's, which the gateway is told whatever the plugin says.
    ///   - discretion: what is left out of the plugin's lines.
    init(_ shared: Shared, name: String, grants: Grants, discretion: Discretion = Discretion()) {
        self.shared = shared
        self.name = name
        self.grants = grants
        self.discretion = discretion
    }

    func log(plugin: String, level: PluginLogLevel, message: String) {
        guard grants.words.contains("log") else { return }
        shared.services.log(plugin: name, level: level, message: discretion.masked(message))
    }

    func storageChanged(plugin: String) {
        guard grants.words.contains("storage_events") else { return }
        shared.services.storageChanged(plugin: name)
    }

    func metric(plugin: String, sample: MetricSample) {
        guard grants.words.contains("metrics") else { return }
        shared.services.metric(plugin: name, sample: sample)
    }

    @concurrent
    func serve(_ request: ServiceRequest, plugin: String) async throws(PluginError) -> ServiceReply {
        guard grants.words.contains(request.grant) else {
            throw PluginError(
                .unsupported,
                "the drop-in \(name) does not grant \"\(request.grant)\": add \"\(request.grant)\" to its `grants`")
        }
        switch request {
        case .send(let text): return try await send(text)
        case .http(let request):
            let reply = try await GrantedHTTP(services: shared.services, name: name, grants: grants, now: shared.now)
                .answer(request)
            return .http(reply)
        case .conversation(let query): try check(query.phone, grants.conversation, "conversation")
        case .contact(let phone): try check(phone, grants.contact, "contact")
        case .changeContact(let change): try check(change.phone, grants.contact, "contact")
        case .customer(let query): try check(query.phone, grants.crm, "crm")
        case .value, .setValue, .removeValue, .keys: break
        }
        return try await shared.services.serve(request, plugin: name)
    }

    private func check(_ phone: String, _ allowed: Grants.Numbers, _ word: String) throws(PluginError) {
        guard allowed != .any, !shared.numbers.holds(phone, for: name) else { return }
        throw PluginError(
            .unsupported,
            "the plugin is not asked about this number at this moment, and the drop-in \(name) grants no other: write "
                + "{\(word): {numbers: any}} in its `grants`")
    }

    private func send(_ text: OutgoingRequest) async throws(PluginError) -> ServiceReply {
        let now = shared.now()
        try shared.budget.take(for: name, perHour: grants.sendsPerHour, now: now)
        do throws(PluginError) {
            let reply = try await shared.services.serve(.send(text), plugin: name)
            if case .sent(let receipt) = reply, receipt.isRepetition {
                shared.budget.giveBack(for: name, takenAt: now)
            }
            return reply
        } catch {
            shared.budget.giveBack(for: name, takenAt: now)
            throw error
        }
    }
}

extension ServiceRequest {
    /// The word of `grants` that it needs.
    var grant: String {
        switch self {
        case .send: "send"
        case .conversation: "conversation"
        case .contact, .changeContact: "contact"
        case .customer: "crm"
        case .value, .setValue, .removeValue, .keys: "kv"
        case .http: "http"
        }
    }
}
