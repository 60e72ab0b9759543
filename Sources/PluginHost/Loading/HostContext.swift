import CPluginABI
import PluginKit
import Synchronization

/// What the host is to one instance. Plugins hold its number, not a pointer: a call that comes after the end of the
/// instance finds nothing.
final class HostContext: Sendable {
    let name: String
    /// The words of `grants` whose tables are handed out.
    let words: Set<String>
    let services: any HostServices
    /// Its requests that are not answered yet.
    let calls: ServiceCalls

    private static let living = Mutex<[UInt64: HostContext]>([:])

    /// - Parameter services: hold to the drop-in's grants themselves; `words` only decides what the plugin can see.
    init(name: String, words: Set<String>, services: any HostServices, number: UInt64) {
        self.name = name
        self.words = words
        self.services = services
        calls = ServiceCalls(owner: number)
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
                    HostContext.of(host)?.table(String(cString: id))
                }, cancel: { host, call in HostContext.of(host)?.calls.cancel(call) }))
        return UnsafePointer(table)
    }

    /// Completes what the instance still waits for, and serves it no more; before it is destroyed.
    ///
    /// - Returns: false when the instance is in a completion that does not return.
    static func endCalls(_ number: UInt64) -> Bool {
        living.withLock { $0[number] }?.calls.end() ?? true
    }

    static func end(_ number: UInt64) {
        living.withLock { _ = $0.removeValue(forKey: number) }
    }

    static func of(_ host: UnsafePointer<conductor_host>) -> HostContext? {
        living.withLock { $0[host.pointee.context] }
    }

    private func table(_ id: String) -> UnsafeRawPointer? {
        guard let (word, table) = ServiceTables.all[id], words.contains(word) else { return nil }
        return table
    }

    private static func immortal(_ text: String) -> conductor_slice {
        let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(1, text.utf8.count))
        _ = bytes.initialize(from: text.utf8)
        return conductor_slice(ptr: UnsafeRawPointer(bytes.baseAddress), len: UInt64(text.utf8.count))
    }
}
