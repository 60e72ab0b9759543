import CPluginABI

/// The `done` functions that the host calls.
enum HostCompletions {
    static let none: conductor_done = { token, error in
        guard let call = HostCalls.shared.take(token, as: Void.self) else { return }
        call.resolve(error.map { .failure(PluginError(loadVersioned($0))) } ?? .success(()))
    }

    static let sent: conductor_send_done = { finish($0, $1, $2, as: SendReceipt.self) }
    static let conversation: conductor_conversation_done = { finish($0, $1, $2, as: ConversationPage.self) }
    static let contact: conductor_contact_done = { finish($0, $1, $2, as: Contact.self) }
    static let customer: conductor_customer_done = { finish($0, $1, $2, as: CustomerCard.self) }
    static let value: conductor_kv_value_done = { finish($0, $1, $2, as: KeyValueReply.self) }
    static let keys: conductor_kv_keys_done = { finish($0, $1, $2, as: KeysReply.self) }
    static let response: conductor_http_done = { finish($0, $1, $2, as: HTTPResponse.self) }

    private static func finish<Reply: ABIValue>(
        _ token: UInt64, _ error: UnsafePointer<conductor_error>?, _ reply: UnsafePointer<Reply.CForm>?,
        as type: Reply.Type
    ) {
        guard let call = HostCalls.shared.take(token, as: type) else { return }
        if let error {
            call.resolve(.failure(PluginError(loadVersioned(error))))
        } else if let reply {
            do throws(PluginError) {
                call.resolve(.success(try Reply(loadVersioned(reply))))
            } catch {
                call.resolve(.failure(error))
            }
        } else {
            call.resolve(.failure(PluginError(.internal, "the host completed with neither an error nor a reply")))
        }
    }
}
