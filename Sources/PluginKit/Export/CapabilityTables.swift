import CPluginABI

/// The tables a plugin hands out: one of each per library, made once, never freed.
///
/// Safety: written once before they are shared; their functions are tagged [any].
enum CapabilityTables {
    nonisolated(unsafe) static let responder = immortal(
        conductor_responder(
            struct_size: UInt32(sizeOf: conductor_responder.self), flags: 0,
            respond: { raw, call, text, done, token in
                let complete: @Sendable (Result<Decision, PluginError>) -> Void = Completion.reply(done, token)
                let instance = PluginInstance.at(raw)
                guard let responder = instance.responder else { return complete(.failure(.notOffered)) }
                decoding(InboundText.self, text, complete) { text in
                    instance.serve(call, { try await responder.respond(to: text, context: $0) }, complete: complete)
                }
            }))

    nonisolated(unsafe) static let notifier = immortal(
        conductor_notifier(
            struct_size: UInt32(sizeOf: conductor_notifier.self), flags: 0,
            notify: { raw, call, event, done, token in
                let complete = Completion.none(done, token)
                let instance = PluginInstance.at(raw)
                guard let notifier = instance.notifier else { return complete(.failure(.notOffered)) }
                decoding(Event.self, event, complete) { event in
                    instance.serve(call, { try await notifier.notify(event, context: $0) }, complete: complete)
                }
            }))

    nonisolated(unsafe) static let storage = immortal(
        conductor_storage(
            struct_size: UInt32(sizeOf: conductor_storage.self), flags: 0,
            put: { raw, call, messages, done, token in
                let complete = Completion.none(done, token)
                let instance = PluginInstance.at(raw)
                guard let storage = instance.storage else { return complete(.failure(.notOffered)) }
                decoding(Message.self, messages, complete) { messages in
                    instance.serve(call, { try await storage.put(messages, context: $0) }, complete: complete)
                }
            },
            exchange: { raw, call, request, done, token in
                let complete: @Sendable (Result<ExchangeReply, PluginError>) -> Void = Completion.reply(done, token)
                let instance = PluginInstance.at(raw)
                guard let storage = instance.storage else { return complete(.failure(.notOffered)) }
                decoding(ExchangeRequest.self, request, complete) { request in
                    instance.serve(call, { try await storage.exchange(request, context: $0) }, complete: complete)
                }
            },
            owned: { raw, call, gateway, done, token in
                let complete: @Sendable (Result<MessagesReply, PluginError>) -> Void = Completion.reply(done, token)
                let instance = PluginInstance.at(raw)
                guard let storage = instance.storage else { return complete(.failure(.notOffered)) }
                let gateway = String(gateway)
                instance.serve(
                    call, { MessagesReply(messages: try await storage.owned(by: gateway, context: $0)) },
                    complete: complete)
            },
            messages: { raw, call, query, done, token in
                let complete: @Sendable (Result<MessagesReply, PluginError>) -> Void = Completion.reply(done, token)
                let instance = PluginInstance.at(raw)
                guard let storage = instance.storage else { return complete(.failure(.notOffered)) }
                decoding(MessageQuery.self, query, complete) { query in
                    instance.serve(
                        call, { MessagesReply(messages: try await storage.messages(query, context: $0)) },
                        complete: complete)
                }
            },
            change: { raw, call, change, done, token in
                let complete: @Sendable (Result<ChangeReply, PluginError>) -> Void = Completion.reply(done, token)
                let instance = PluginInstance.at(raw)
                guard let storage = instance.storage else { return complete(.failure(.notOffered)) }
                decoding(MessageChange.self, change, complete) { change in
                    instance.serve(
                        call, { ChangeReply(changed: try await storage.change(change, context: $0)) },
                        complete: complete)
                }
            },
            record_consent: { raw, call, events, done, token in
                let complete = Completion.none(done, token)
                let instance = PluginInstance.at(raw)
                guard let storage = instance.storage else { return complete(.failure(.notOffered)) }
                decoding(ConsentEvent.self, events, complete) { events in
                    instance.serve(call, { try await storage.recordConsent(events, context: $0) }, complete: complete)
                }
            },
            health: { raw, call, done, token in
                let complete: @Sendable (Result<StorageHealth, PluginError>) -> Void = Completion.reply(done, token)
                let instance = PluginInstance.at(raw)
                guard let storage = instance.storage else { return complete(.failure(.notOffered)) }
                instance.serve(call, { try await storage.health(context: $0) }, complete: complete)
            },
            consent: { raw, call, query, done, token in
                let complete: @Sendable (Result<ConsentPage, PluginError>) -> Void = Completion.reply(done, token)
                let instance = PluginInstance.at(raw)
                guard let storage = instance.storage else { return complete(.failure(.notOffered)) }
                decoding(ConsentQuery.self, query, complete) { query in
                    instance.serve(call, { try await storage.consent(query, context: $0) }, complete: complete)
                }
            },
            erase: { raw, call, request, done, token in
                let complete: @Sendable (Result<ErasureReply, PluginError>) -> Void = Completion.reply(done, token)
                let instance = PluginInstance.at(raw)
                guard let storage = instance.storage else { return complete(.failure(.notOffered)) }
                decoding(ErasureRequest.self, request, complete) { request in
                    instance.serve(call, { try await storage.erase(request, context: $0) }, complete: complete)
                }
            },
            contact: { raw, call, phone, done, token in
                let complete: @Sendable (Result<StoredContact, PluginError>) -> Void = Completion.reply(done, token)
                let instance = PluginInstance.at(raw)
                guard let storage = instance.storage else { return complete(.failure(.notOffered)) }
                let phone = String(phone)
                instance.serve(call, { try await storage.contact(phone, context: $0) }, complete: complete)
            },
            sizes: { raw, call, done, token in
                let complete: @Sendable (Result<SizesReply, PluginError>) -> Void = Completion.reply(done, token)
                let instance = PluginInstance.at(raw)
                guard let storage = instance.storage else { return complete(.failure(.notOffered)) }
                instance.serve(
                    call, { SizesReply(tables: try await storage.sizes(context: $0)) }, complete: complete)
            },
            heartbeat: { raw, call, presence, done, token in
                let complete: @Sendable (Result<FleetReply, PluginError>) -> Void = Completion.reply(done, token)
                let instance = PluginInstance.at(raw)
                guard let storage = instance.storage else { return complete(.failure(.notOffered)) }
                decoding(GatewayPresence.self, presence, complete) { presence in
                    instance.serve(
                        call, { FleetReply(gateways: try await storage.heartbeat(presence, context: $0)) },
                        complete: complete)
                }
            }))

    nonisolated(unsafe) static let crm = immortal(
        conductor_crm(
            struct_size: UInt32(sizeOf: conductor_crm.self), flags: 0,
            customers: { raw, call, query, done, token in
                let complete: @Sendable (Result<CustomersReply, PluginError>) -> Void = Completion.reply(done, token)
                let instance = PluginInstance.at(raw)
                guard let directory = instance.directory else { return complete(.failure(.notOffered)) }
                decoding(CustomerQuery.self, query, complete) { query in
                    instance.serve(
                        call, { CustomersReply(customers: try await directory.customers(query, context: $0)) },
                        complete: complete)
                }
            },
            search: { raw, call, query, done, token in
                let complete: @Sendable (Result<CustomersReply, PluginError>) -> Void = Completion.reply(done, token)
                let instance = PluginInstance.at(raw)
                guard let directory = instance.directory else { return complete(.failure(.notOffered)) }
                decoding(CustomerSearch.self, query, complete) { search in
                    instance.serve(
                        call, { CustomersReply(customers: try await directory.search(search, context: $0)) },
                        complete: complete)
                }
            },
            records: { raw, call, query, done, token in
                let complete: @Sendable (Result<RecordsReply, PluginError>) -> Void = Completion.reply(done, token)
                let instance = PluginInstance.at(raw)
                guard let directory = instance.directory else { return complete(.failure(.notOffered)) }
                decoding(RecordQuery.self, query, complete) { query in
                    instance.serve(
                        call, { RecordsReply(records: try await directory.records(query, context: $0)) },
                        complete: complete)
                }
            },
            put_records: { raw, call, batch, done, token in
                let complete: @Sendable (Result<RecordReply, PluginError>) -> Void = Completion.reply(done, token)
                let instance = PluginInstance.at(raw)
                guard let directory = instance.directory else { return complete(.failure(.notOffered)) }
                decoding(RecordBatch.self, batch, complete) { batch in
                    instance.serve(call, { try await directory.putRecords(batch, context: $0) }, complete: complete)
                }
            },
            import_rows: { raw, call, batch, done, token in
                let complete: @Sendable (Result<ImportReply, PluginError>) -> Void = Completion.reply(done, token)
                let instance = PluginInstance.at(raw)
                guard let directory = instance.directory else { return complete(.failure(.notOffered)) }
                decoding(ImportBatch.self, batch, complete) { batch in
                    instance.serve(call, { try await directory.importRows(batch, context: $0) }, complete: complete)
                }
            },
            end_import: { raw, call, request, done, token in
                let complete: @Sendable (Result<ImportSummary, PluginError>) -> Void = Completion.reply(done, token)
                let instance = PluginInstance.at(raw)
                guard let directory = instance.directory else { return complete(.failure(.notOffered)) }
                decoding(ImportEnd.self, request, complete) { end in
                    instance.serve(
                        call, { ImportSummary(tables: try await directory.endImport(end, context: $0)) },
                        complete: complete)
                }
            },
            list: { raw, call, query, done, token in
                let complete: @Sendable (Result<ListPage, PluginError>) -> Void = Completion.reply(done, token)
                let instance = PluginInstance.at(raw)
                guard let directory = instance.directory else { return complete(.failure(.notOffered)) }
                decoding(ListQuery.self, query, complete) { query in
                    instance.serve(call, { try await directory.list(query, context: $0) }, complete: complete)
                }
            },
            change_customers: { raw, call, change, done, token in
                let complete: @Sendable (Result<CustomerDifferences, PluginError>) -> Void = Completion.reply(
                    done, token)
                let instance = PluginInstance.at(raw)
                guard let directory = instance.directory else { return complete(.failure(.notOffered)) }
                decoding(CustomerChange.self, change, complete) { change in
                    instance.serve(
                        call, { try await directory.changeCustomers(change, context: $0) }, complete: complete)
                }
            }))

    private static func immortal<Table>(_ table: Table) -> UnsafePointer<Table> {
        let pointer = UnsafeMutablePointer<Table>.allocate(capacity: 1)
        pointer.initialize(to: table)
        return UnsafePointer(pointer)
    }

    /// Copies what the host lent, or answers with why it cannot be read.
    private static func decoding<Value: ABIValue, Reply>(
        _ type: Value.Type, _ pointer: UnsafePointer<Value.CForm>, _ complete: (Result<Reply, PluginError>) -> Void,
        _ body: (Value) -> Void
    ) {
        do throws(PluginError) { body(try Value(loadVersioned(pointer))) } catch { complete(.failure(error)) }
    }

    private static func decoding<Value: ABIValue, Reply>(
        _ type: Value.Type, _ array: conductor_array, _ complete: (Result<Reply, PluginError>) -> Void,
        _ body: ([Value]) -> Void
    ) {
        do throws(PluginError) { body(try [Value](array)) } catch { complete(.failure(error)) }
    }
}

extension PluginError {
    static let notOffered = PluginError(.unsupported, "this plugin does not offer that capability")
}
