import CPluginABI

/// The host's tables, looked up once.
///
/// Safety: everything is immutable; the pointer is valid while the instance lives; the tables' functions are tagged
/// [any].
final class HostTable: @unchecked Sendable {
    let raw: UnsafePointer<conductor_host>
    let cancel: (@convention(c) (UnsafePointer<conductor_host>, UInt64) -> Void)?
    let log: conductor_host_log?
    let clock: conductor_host_clock?
    let storageEvents: conductor_host_storage_events?
    let send: conductor_host_send?
    let conversation: conductor_host_conversation?
    let contact: conductor_host_contact?
    let crm: conductor_host_crm?
    let keyValue: conductor_host_kv?
    let http: conductor_host_http?
    let metrics: conductor_host_metrics?

    init(raw: UnsafePointer<conductor_host>, copy: conductor_host) {
        func table<CForm>(_ id: String) -> CForm? {
            copy.get_extension?(raw, id).map { loadVersioned($0.assumingMemoryBound(to: CForm.self)) }
        }
        self.raw = raw
        cancel = copy.cancel
        log = table(CONDUCTOR_HOST_LOG)
        clock = table(CONDUCTOR_HOST_CLOCK)
        storageEvents = table(CONDUCTOR_HOST_STORAGE_EVENTS)
        send = table(CONDUCTOR_HOST_SEND)
        conversation = table(CONDUCTOR_HOST_CONVERSATION)
        contact = table(CONDUCTOR_HOST_CONTACT)
        crm = table(CONDUCTOR_HOST_CRM)
        keyValue = table(CONDUCTOR_HOST_KV)
        http = table(CONDUCTOR_HOST_HTTP)
        metrics = table(CONDUCTOR_HOST_METRICS)
    }

    /// Calls a function of the host and waits for its completion. Cancelling the task tells the host, which then
    /// completes soon.
    func ask<Reply: Sendable>(
        as reply: Reply.Type,
        _ body: (UnsafePointer<conductor_host>, UnsafePointer<conductor_call>, UInt64) -> Void
    ) async throws(PluginError) -> Reply {
        let id = HostCalls.shared.makeID()
        let call = HostCall<Reply>(tellHost: { [self] in cancel?(raw, id) })
        let outcome = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                call.wait(with: continuation)
                HostCalls.shared.insert(call, id: id)
                var form = conductor_call(
                    struct_size: UInt32(sizeOf: conductor_call.self), flags: 0, call_id: id, deadline_ns: 0)
                body(raw, &form, id)
                call.handedOver()
            }
        } onCancel: {
            call.cancel()
        }
        return try outcome.get()
    }
}
