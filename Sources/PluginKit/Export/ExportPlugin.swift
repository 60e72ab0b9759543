public import CPluginABI
import Synchronization

/// What the entry function of a plugin returns; the one line an author writes in C's world:
///
///     @c @implementation public func conductor_plugin_entry() -> UnsafePointer<conductor_plugin>? {
///         exportPlugin(Hours.self)
///     }
///
/// One plugin type a library: for a second type the answer is nil. Any thread; the pointer is immortal.
public func exportPlugin<P: Plugin>(_ type: P.Type) -> UnsafePointer<conductor_plugin>? {
    exported.withLock { exported in
        if let exported { return exported.type == ObjectIdentifier(type) ? exported.descriptor : nil }
        let new = Exported(type)
        exported = new
        return new.descriptor
    }
}

/// The plugin of this library. Each library has its own copy of the SDK, and so its own of this.
private let exported = Mutex<Exported?>(nil)

/// Safety: the descriptor is written once, before it is shared, and never freed.
private struct Exported: @unchecked Sendable {
    let type: ObjectIdentifier
    let make: @Sendable (Host, Settings) throws -> any Plugin
    let descriptor: UnsafePointer<conductor_plugin>

    init<P: Plugin>(_ type: P.Type) {
        self.type = ObjectIdentifier(type)
        make = { host, settings in try P(host: host, settings: settings) }
        let capabilities =
            (type is any Storage.Type ? [CONDUCTOR_STORAGE] : [])
            + (type is any Responder.Type ? [CONDUCTOR_RESPONDER] : [])
            + (type is any Notifier.Type ? [CONDUCTOR_NOTIFIER] : [])
            + (type is any CustomerDirectory.Type ? [CONDUCTOR_CRM] : [])
        let list = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: capabilities.count + 1)
        for (index, id) in capabilities.enumerated() { (list + index).initialize(to: immortal(id)) }
        (list + capabilities.count).initialize(to: nil)

        let pointer = UnsafeMutablePointer<conductor_plugin>.allocate(capacity: 1)
        pointer.initialize(
            to: conductor_plugin(
                prefix: conductor_prefix(
                    magic: CONDUCTOR_PLUGIN_MAGIC, struct_size: UInt32(sizeOf: conductor_plugin.self),
                    abi_major: UInt16(CONDUCTOR_ABI_MAJOR), abi_minor: UInt16(CONDUCTOR_ABI_MINOR),
                    needs_host_minor: 0, flags: 0),
                id: immortal(type.info.id), name: immortal(type.info.name), version: immortal(type.info.version),
                toolchain: conductor_sdk_toolchain(), capabilities: UnsafePointer(list), create: create, start: start,
                stop: stop, destroy: destroy, get_extension: getExtension, cancel: cancel))
        descriptor = UnsafePointer(pointer)
    }
}

private func immortal(_ text: String) -> UnsafePointer<CChar> {
    let bytes = text.utf8CString
    let pointer = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
    for (index, byte) in bytes.enumerated() { (pointer + index).initialize(to: byte) }
    return UnsafePointer(pointer)
}

private func create(
    host: UnsafePointer<conductor_host>, settings: conductor_slice, out: UnsafeMutablePointer<OpaquePointer?>,
    error: UnsafeMutablePointer<conductor_error>
) -> Int32 {
    do {
        guard let make = exported.withLock({ $0?.make }) else { throw PluginError.notOffered }
        let plugin = try make(Host(raw: host), Settings(json: String(settings)))
        out.pointee = OpaquePointer(Unmanaged.passRetained(PluginInstance(plugin)).toOpaque())
        return Int32(CONDUCTOR_OK)
    } catch let failure {
        let failure = PluginError(describing: failure)
        // The host may have been built with a smaller struct than ours: what it has no room for is not written.
        withUnsafeBytes(of: failure.cForm) { source in
            let room = min(Int(error.pointee.struct_size), source.count)
            guard room > 4 else { return }
            (UnsafeMutableRawPointer(error) + 4).copyMemory(from: source.baseAddress! + 4, byteCount: room - 4)
        }
        return failure.code.rawValue
    }
}

private func start(
    raw: OpaquePointer, call: UnsafePointer<conductor_call>, done: @escaping conductor_done, token: UInt64
) {
    let instance = PluginInstance.at(raw)
    let plugin = instance.plugin
    instance.serve(call, { _ in try await plugin.start() }, complete: Completion.none(done, token))
}

private func stop(
    raw: OpaquePointer, call: UnsafePointer<conductor_call>, done: @escaping conductor_done, token: UInt64
) {
    let instance = PluginInstance.at(raw)
    let plugin = instance.plugin
    instance.serve(call, { _ in await plugin.stop() }, complete: Completion.none(done, token))
}

private func destroy(raw: OpaquePointer) {
    Unmanaged<PluginInstance>.fromOpaque(UnsafeRawPointer(raw)).release()
}

private func getExtension(raw: OpaquePointer, id: UnsafePointer<CChar>) -> UnsafeRawPointer? {
    let instance = PluginInstance.at(raw)
    switch String(cString: id) {
    case CONDUCTOR_STORAGE: return instance.storage == nil ? nil : UnsafeRawPointer(CapabilityTables.storage)
    case CONDUCTOR_RESPONDER: return instance.responder == nil ? nil : UnsafeRawPointer(CapabilityTables.responder)
    case CONDUCTOR_NOTIFIER: return instance.notifier == nil ? nil : UnsafeRawPointer(CapabilityTables.notifier)
    case CONDUCTOR_CRM: return instance.directory == nil ? nil : UnsafeRawPointer(CapabilityTables.crm)
    default: return nil
    }
}

private func cancel(raw: OpaquePointer, callID: UInt64) {
    PluginInstance.at(raw).cancel(callID)
}
