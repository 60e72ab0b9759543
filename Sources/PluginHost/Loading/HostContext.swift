import CPluginABI
import PluginKit
import Synchronization

/// What the host is to one instance. Plugins hold its number, not a pointer: a call that comes after the end of the
/// instance finds nothing.
final class HostContext: Sendable {
    let name: String
    let grants: Set<String>
    let services: any HostServices

    private static let living = Mutex<[UInt64: HostContext]>([:])

    init(name: String, grants: Set<String>, services: any HostServices) {
        self.name = name
        self.grants = grants
        self.services = services
    }

    /// The table for `create`. It is never freed: a plugin's thread may hold it longer than it should.
    static func makeTable(
        _ context: HostContext, number: UInt64, baseFolder: String
    ) -> UnsafePointer<conductor_host> {
        living.withLock { $0[number] = context }
        let table = UnsafeMutablePointer<conductor_host>.allocate(capacity: 1)
        table.initialize(
            to: conductor_host(
                struct_size: UInt32(sizeOf: conductor_host.self), abi_major: UInt16(CONDUCTOR_ABI_MAJOR),
                abi_minor: UInt16(CONDUCTOR_ABI_MINOR), context: number, instance_name: immortal(context.name),
                base_folder: immortal(baseFolder),
                get_extension: { host, id in
                    guard let context = HostContext.of(host) else { return nil }
                    return switch String(cString: id) {
                    case CONDUCTOR_HOST_LOG where context.grants.contains("log"):
                        UnsafeRawPointer(HostContext.log)
                    case CONDUCTOR_HOST_CLOCK where context.grants.contains("clock"):
                        UnsafeRawPointer(HostContext.clock)
                    case CONDUCTOR_HOST_STORAGE_EVENTS where context.grants.contains("storage_events"):
                        UnsafeRawPointer(HostContext.storageEvents)
                    default: nil
                    }
                }))
        return UnsafePointer(table)
    }

    static func end(_ number: UInt64) {
        living.withLock { _ = $0.removeValue(forKey: number) }
    }

    private static func of(_ host: UnsafePointer<conductor_host>) -> HostContext? {
        living.withLock { $0[host.pointee.context] }
    }

    // Safety of the three: written once, never freed, read-only.
    private nonisolated(unsafe) static let log = immortal(
        conductor_host_log(
            struct_size: UInt32(sizeOf: conductor_host_log.self), flags: 0,
            write: { host, level, message in
                guard let context = HostContext.of(host) else { return }
                context.services.log(
                    plugin: context.name, level: PluginLogLevel(rawValue: level) ?? .error, message: String(message))
            }))
    private nonisolated(unsafe) static let clock = immortal(
        conductor_host_clock(
            struct_size: UInt32(sizeOf: conductor_host_clock.self), flags: 0,
            now_ms: { _ in HostFunctions.timeOfDay.milliseconds }, monotonic_ns: { _ in MonotonicClock.now }))
    private nonisolated(unsafe) static let storageEvents = immortal(
        conductor_host_storage_events(
            struct_size: UInt32(sizeOf: conductor_host_storage_events.self), flags: 0,
            rows_changed: { host in
                guard let context = HostContext.of(host) else { return }
                context.services.storageChanged(plugin: context.name)
            }))

    private static func immortal<Table>(_ table: Table) -> UnsafePointer<Table> {
        let pointer = UnsafeMutablePointer<Table>.allocate(capacity: 1)
        pointer.initialize(to: table)
        return UnsafePointer(pointer)
    }

    private static func immortal(_ text: String) -> conductor_slice {
        let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(1, text.utf8.count))
        _ = bytes.initialize(from: text.utf8)
        return conductor_slice(ptr: UnsafeRawPointer(bytes.baseAddress), len: UInt64(text.utf8.count))
    }
}
