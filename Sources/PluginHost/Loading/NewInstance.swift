import CPluginABI
import PluginKit
import Settings

/// What `create` gave.
///
/// Safety: an opaque pointer that belongs to the plugin; handed on, never read.
struct NewInstance: @unchecked Sendable {
    let pointer: OpaquePointer
}

extension HostedPlugin {
    /// Makes an instance, on a thread of its own, since `create` may hang.
    ///
    /// - Throws: what the plugin says; `.deadline` when it does not return in time.
    static func create(
        _ library: PluginLibrary, dropIn: DropIn, baseFolder: String, services: any HostServices
    ) async throws(PluginError) -> HostedPlugin {
        try await create(
            library, name: dropIn.name, words: dropIn.grants.words, settings: dropIn.settings?.json ?? "{}",
            baseFolder: baseFolder, services: services, deadline: dropIn.deadline)
    }

    /// - Parameters:
    ///   - words: of `grants`.
    ///   - patience: how long completions are waited for; nil means `deadline`.
    static func create(
        _ library: PluginLibrary, name: String, words: Set<String>, settings: String, baseFolder: String,
        services: any HostServices, deadline: Duration, patience: Duration? = nil
    ) async throws(PluginError) -> HostedPlugin {
        let counters = CallCounters()
        let owner = CallTable.shared.makeOwner(counters)
        let context = HostContext(name: name, words: words, services: services, number: owner)
        let host = Host(pointer: HostContext.makeTable(context, number: owner, baseFolder: baseFolder))

        let token = CallTable.shared.makeToken(owner: owner)
        let pending = Pending<NewInstance>(
            deadline: MonotonicClock.deadline(after: patience ?? deadline), tellPlugin: {},
            onExpiry: { PluginError(.deadline, "create did not return within \(deadline)") }, onSettled: { _ in })
        let outcome = await withUnsafeContinuation { continuation in
            pending.wait(with: continuation)
            CallTable.shared.insert(pending, token: token)
            let isRunning = DetachedThread.run {
                let outcome = library.create(host, settings: settings)
                CallTable.shared.withdraw(token)
                let isInTime = pending.resolve(outcome)
                if !isInTime, case .success(let instance) = outcome {
                    library.descriptor.destroy?(instance.pointer)
                }
            }
            if !isRunning {
                CallTable.shared.withdraw(token)
                pending.resolve(.failure(PluginError(.unavailable, "the system gives no thread")))
            }
        }
        do throws(PluginError) {
            return HostedPlugin(
                try outcome.get(), name: name, library: library, deadline: deadline, patience: patience,
                owner: owner, counters: counters)
        } catch {
            HostContext.end(owner)
            throw error
        }
    }

    /// Safety: the table is immortal and read-only.
    fileprivate struct Host: @unchecked Sendable {
        let pointer: UnsafePointer<conductor_host>
    }
}

extension PluginLibrary {
    fileprivate func create(_ host: HostedPlugin.Host, settings: String) -> Result<NewInstance, PluginError> {
        var instance: OpaquePointer?
        var error = conductor_error()
        error.struct_size = UInt32(sizeOf: conductor_error.self)
        var arena = Arena()
        let status = descriptor.create?(host.pointer, arena.slice(settings), &instance, &error)
        arena.end()
        guard status == CONDUCTOR_OK else {
            if error.code == CONDUCTOR_OK { error.code = status ?? CONDUCTOR_INTERNAL }
            return .failure(PluginError(error))
        }
        guard let instance else {
            return .failure(PluginError(.internal, "create said it went well, but made nothing"))
        }
        return .success(NewInstance(pointer: instance))
    }
}
