import CPluginABI
import PluginKit

/// The `done` functions that plugins call.
enum Completions {
    static let none: conductor_done = { token, error in
        guard let call = CallTable.shared.take(token, as: Pending<Void>.self) else { return }
        call.resolve(error.map { .failure(PluginError(loadVersioned($0))) } ?? .success(()))
    }

    static let decision: conductor_responder_done = { finish($0, $1, $2, as: Decision.self) }
    static let exchange: conductor_exchange_done = { finish($0, $1, $2, as: ExchangeReply.self) }
    static let messages: conductor_messages_done = { finish($0, $1, $2, as: MessagesReply.self) }
    static let change: conductor_change_done = { finish($0, $1, $2, as: ChangeReply.self) }
    static let consent: conductor_consent_done = { finish($0, $1, $2, as: ConsentPage.self) }
    static let health: conductor_health_done = { finish($0, $1, $2, as: StorageHealth.self) }
    static let erasure: conductor_erasure_done = { finish($0, $1, $2, as: ErasureReply.self) }
    static let customers: conductor_customers_done = { finish($0, $1, $2, as: CustomersReply.self) }
    static let records: conductor_records_done = { finish($0, $1, $2, as: RecordsReply.self) }
    static let recordsPut: conductor_put_records_done = { finish($0, $1, $2, as: RecordReply.self) }
    static let imported: conductor_import_rows_done = { finish($0, $1, $2, as: ImportReply.self) }
    static let importEnded: conductor_end_import_done = { finish($0, $1, $2, as: ImportSummary.self) }
    static let listed: conductor_list_done = { finish($0, $1, $2, as: ListPage.self) }
    static let customersChanged: conductor_change_customers_done = { finish($0, $1, $2, as: CustomerDifferences.self) }
    static let contact: conductor_stored_contact_done = { finish($0, $1, $2, as: StoredContact.self) }
    static let sizes: conductor_sizes_done = { finish($0, $1, $2, as: SizesReply.self) }
    static let fleet: conductor_fleet_done = { finish($0, $1, $2, as: FleetReply.self) }

    private static func finish<Reply: ABIValue>(
        _ token: UInt64, _ error: UnsafePointer<conductor_error>?, _ reply: UnsafePointer<Reply.CForm>?,
        as type: Reply.Type
    ) {
        guard let call = CallTable.shared.take(token, as: Pending<Reply>.self) else { return }
        if let error {
            call.resolve(.failure(PluginError(loadVersioned(error))))
        } else if let reply {
            do throws(PluginError) {
                call.resolve(.success(try Reply(loadVersioned(reply))))
            } catch {
                call.resolve(.failure(error))
            }
        } else {
            call.resolve(.failure(PluginError(.internal, "the plugin completed with neither an error nor a reply")))
        }
    }
}
