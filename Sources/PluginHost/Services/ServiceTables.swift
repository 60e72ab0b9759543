import CPluginABI
import PluginKit

/// The tables of the host's services: one of each in this process, never freed.
///
/// Safety: written once before they are shared; read-only after; their functions are tagged [any].
enum ServiceTables {
    /// By id: the word of `grants` that hands it out, and the table.
    nonisolated(unsafe) static let all: [String: (word: String, table: UnsafeRawPointer)] = [
        CONDUCTOR_HOST_LOG: ("log", immortal(log)),
        CONDUCTOR_HOST_CLOCK: ("clock", immortal(clock)),
        CONDUCTOR_HOST_STORAGE_EVENTS: ("storage_events", immortal(storageEvents)),
        CONDUCTOR_HOST_SEND: ("send", immortal(send)),
        CONDUCTOR_HOST_CONVERSATION: ("conversation", immortal(conversation)),
        CONDUCTOR_HOST_CONTACT: ("contact", immortal(contact)),
        CONDUCTOR_HOST_CRM: ("crm", immortal(crm)),
        CONDUCTOR_HOST_KV: ("kv", immortal(keyValue)),
        CONDUCTOR_HOST_HTTP: ("http", immortal(http)),
        CONDUCTOR_HOST_METRICS: ("metrics", immortal(metrics)),
    ]

    private static func immortal<Table>(_ table: Table) -> UnsafeRawPointer {
        let pointer = UnsafeMutablePointer<Table>.allocate(capacity: 1)
        pointer.initialize(to: table)
        return UnsafeRawPointer(pointer)
    }

    // MARK: One-way

    private static var log: conductor_host_log {
        conductor_host_log(
            struct_size: UInt32(sizeOf: conductor_host_log.self), flags: 0,
            write: { host, level, message in
                guard let context = HostContext.of(host) else { return }
                context.services.log(
                    plugin: context.name, level: PluginLogLevel(rawValue: level) ?? .error, message: String(message))
            })
    }

    private static var clock: conductor_host_clock {
        conductor_host_clock(
            struct_size: UInt32(sizeOf: conductor_host_clock.self), flags: 0,
            now_ms: { _ in HostFunctions.timeOfDay.milliseconds }, monotonic_ns: { _ in MonotonicClock.now })
    }

    private static var storageEvents: conductor_host_storage_events {
        conductor_host_storage_events(
            struct_size: UInt32(sizeOf: conductor_host_storage_events.self), flags: 0,
            rows_changed: { host in
                guard let context = HostContext.of(host) else { return }
                context.services.storageChanged(plugin: context.name)
            })
    }

    private static var metrics: conductor_host_metrics {
        conductor_host_metrics(
            struct_size: UInt32(sizeOf: conductor_host_metrics.self), flags: 0,
            record: { host, metrics in
                guard let context = HostContext.of(host) else { return }
                do throws(PluginError) {
                    for sample in try [MetricSample](metrics) {
                        context.services.metric(plugin: context.name, sample: sample)
                    }
                } catch {
                    context.services.log(
                        plugin: context.name, level: .debug, message: "figures were dropped: \(error.message)")
                }
            })
    }

    // MARK: With an answer

    private static var send: conductor_host_send {
        conductor_host_send(
            struct_size: UInt32(sizeOf: conductor_host_send.self), flags: 0,
            send: { host, call, request, done, token in
                ServiceTables.answer(host, call, Completion.reply(done, token)) { () throws(PluginError) in
                    .send(try OutgoingRequest(loadVersioned(request)))
                } reply: { reply -> SendReceipt? in
                    if case .sent(let receipt) = reply { receipt } else { nil }
                }
            })
    }

    private static var conversation: conductor_host_conversation {
        conductor_host_conversation(
            struct_size: UInt32(sizeOf: conductor_host_conversation.self), flags: 0,
            page: { host, call, query, done, token in
                ServiceTables.answer(host, call, Completion.reply(done, token)) { () throws(PluginError) in
                    .conversation(try ConversationQuery(loadVersioned(query)))
                } reply: { reply -> ConversationPage? in
                    if case .conversation(let page) = reply { page } else { nil }
                }
            })
    }

    private static var contact: conductor_host_contact {
        conductor_host_contact(
            struct_size: UInt32(sizeOf: conductor_host_contact.self), flags: 0,
            get: { host, call, phone, done, token in
                ServiceTables.answer(host, call, Completion.reply(done, token)) {
                    .contact(phone: String(phone))
                } reply: { reply -> Contact? in
                    if case .contact(let contact) = reply { contact } else { nil }
                }
            },
            change: { host, call, change, done, token in
                ServiceTables.answer(host, call, Completion.reply(done, token)) { () throws(PluginError) in
                    .changeContact(try ContactChange(loadVersioned(change)))
                } reply: { reply -> Contact? in
                    if case .contact(let contact) = reply { contact } else { nil }
                }
            })
    }

    private static var crm: conductor_host_crm {
        conductor_host_crm(
            struct_size: UInt32(sizeOf: conductor_host_crm.self), flags: 0,
            customer: { host, call, query, done, token in
                ServiceTables.answer(host, call, Completion.reply(done, token)) { () throws(PluginError) in
                    .customer(try CustomerQuery(loadVersioned(query)))
                } reply: { reply -> CustomerCard? in
                    if case .card(let card) = reply { card } else { nil }
                }
            })
    }

    private static var keyValue: conductor_host_kv {
        conductor_host_kv(
            struct_size: UInt32(sizeOf: conductor_host_kv.self), flags: 0,
            get: { host, call, key, done, token in
                ServiceTables.answer(host, call, Completion.reply(done, token)) {
                    .value(key: String(key))
                } reply: { reply -> KeyValueReply? in
                    if case .value(let value) = reply { KeyValueReply(value: value) } else { nil }
                }
            },
            set: { host, call, entry, done, token in
                ServiceTables.answer(host, call, Completion.none(done, token)) { () throws(PluginError) in
                    .setValue(try KeyValueEntry(loadVersioned(entry)))
                } reply: { reply -> Void? in
                    if case .done = reply { () } else { nil }
                }
            },
            remove: { host, call, key, done, token in
                ServiceTables.answer(host, call, Completion.none(done, token)) {
                    .removeValue(key: String(key))
                } reply: { reply -> Void? in
                    if case .done = reply { () } else { nil }
                }
            },
            list: { host, call, query, done, token in
                ServiceTables.answer(host, call, Completion.reply(done, token)) { () throws(PluginError) in
                    .keys(try KeyValueQuery(loadVersioned(query)))
                } reply: { reply -> KeysReply? in
                    if case .keys(let keys) = reply { KeysReply(keys: keys) } else { nil }
                }
            })
    }

    private static var http: conductor_host_http {
        conductor_host_http(
            struct_size: UInt32(sizeOf: conductor_host_http.self), flags: 0,
            request: { host, call, request, done, token in
                ServiceTables.answer(host, call, Completion.reply(done, token)) { () throws(PluginError) in
                    .http(try HTTPRequest(loadVersioned(request)))
                } reply: { reply -> HTTPResponse? in
                    if case .http(let response) = reply { response } else { nil }
                }
            })
    }

    /// Copies what the plugin lent, serves it, and completes with the part of the reply that belongs to the request.
    private static func answer<Reply: Sendable>(
        _ host: UnsafePointer<conductor_host>, _ call: UnsafePointer<conductor_call>,
        _ complete: @escaping @Sendable (Result<Reply, PluginError>) -> Void,
        _ request: () throws(PluginError) -> ServiceRequest,
        reply: @escaping @Sendable (ServiceReply) -> Reply?
    ) {
        guard let context = HostContext.of(host) else {
            return complete(.failure(PluginError(.unavailable, "the plugin has been stopped")))
        }
        let call = loadVersioned(call)
        let wanted: ServiceRequest
        do throws(PluginError) {
            wanted = try request()
        } catch {
            // What the plugin wrote is wrong: to it, that is no defect of the host.
            let code = error.code == .internal ? .invalid : error.code
            return complete(.failure(PluginError(code, error.message)))
        }
        context.calls.serve(
            id: call.call_id, deadline: call.deadline_ns, least: wanted.least,
            complete: { result in
                complete(
                    result.flatMap { value in
                        reply(value).map { .success($0) } ?? .failure(.wrongReply)
                    })
            },
            { () async throws(PluginError) in
                try await context.services.serve(wanted, plugin: context.name)
            })
    }
}

extension ServiceRequest {
    /// Nanoseconds that the host waits at least when the plugin names no deadline.
    fileprivate var least: Int64 {
        guard case .http(let request) = self else { return 0 }
        return min(max(0, request.timeoutMilliseconds), 600_000) * 1_000_000 + 1_000_000_000
    }
}
