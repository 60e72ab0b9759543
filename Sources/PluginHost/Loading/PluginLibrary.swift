import CPluginABI
import Glibc
import PluginKit

/// A plugin's library in this process. It is never unloaded: the Swift runtime keeps walking what was mapped.
///
/// Safety: the descriptor is immortal and read-only by contract.
struct PluginLibrary: @unchecked Sendable {
    let descriptor: conductor_plugin
    let id: String
    let name: String
    let version: String
    let toolchain: String?
    /// Ids, as `conductor.storage/1`.
    let capabilities: [String]

    /// Opens a copy and checks who it says it is.
    ///
    /// - Parameter anyToolchain: a process that has nothing but this plugin takes one of another Swift.
    /// - Throws: one sentence that begins with the path that it was copied from.
    static func open(
        _ copy: String, from path: String, anyToolchain: Bool = false
    ) throws(LoadFailure) -> PluginLibrary {
        do {
            guard let handle = dlopen(copy, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) else {
                throw LoadFailure(LoaderWords.explain(loaderMessage(copy: copy, path: path), copy: copy))
            }
            guard let symbol = dlsym(handle, CONDUCTOR_ENTRY_SYMBOL) else {
                throw LoadFailure("it is no plugin: it exports no \(CONDUCTOR_ENTRY_SYMBOL)")
            }
            typealias Entry = @convention(c) () -> UnsafePointer<conductor_plugin>?
            guard let descriptor = unsafeBitCast(symbol, to: Entry.self)() else {
                throw LoadFailure("it refuses to be loaded (its entry returned NULL)")
            }
            let library = try PluginLibrary(descriptor)
            if !anyToolchain { try library.checkToolchain() }
            return library
        } catch {
            throw LoadFailure("\(path): \(error)")
        }
    }

    /// Checks the frozen prefix first and nothing else before it, then what every plugin must have.
    init(_ pointer: UnsafePointer<conductor_plugin>) throws(LoadFailure) {
        let prefix = UnsafeRawPointer(pointer).load(as: conductor_prefix.self)
        guard prefix.magic == CONDUCTOR_PLUGIN_MAGIC else {
            throw LoadFailure("it is no plugin: its magic number is 0x\(String(prefix.magic, radix: 16))")
        }
        let host = "\(CONDUCTOR_ABI_MAJOR).\(CONDUCTOR_ABI_MINOR)"
        guard Int32(prefix.abi_major) == CONDUCTOR_ABI_MAJOR else {
            throw LoadFailure(
                "it was built for plugin ABI \(prefix.abi_major).\(prefix.abi_minor), this host speaks "
                    + "\(CONDUCTOR_ABI_MAJOR).x (it is \(host)): rebuild the plugin against this host's SDK")
        }
        guard Int32(prefix.needs_host_minor) <= CONDUCTOR_ABI_MINOR else {
            throw LoadFailure(
                "it needs a host of plugin ABI \(CONDUCTOR_ABI_MAJOR).\(prefix.needs_host_minor), this one is \(host): "
                    + "update the gateway")
        }
        // All fields of 1.0, the last of which may be NULL.
        let least = MemoryLayout<conductor_plugin>.offset(of: \.cancel)! + MemoryLayout<Int>.size
        guard prefix.struct_size >= least else {
            throw LoadFailure("its descriptor is too small: \(prefix.struct_size) bytes, \(least) are needed")
        }
        descriptor = Self.copy(pointer, size: Int(prefix.struct_size))
        guard let id = descriptor.id, let name = descriptor.name, let version = descriptor.version,
            let list = descriptor.capabilities, descriptor.create != nil, descriptor.destroy != nil,
            descriptor.get_extension != nil
        else { throw LoadFailure("its descriptor lacks something that is required") }
        self.id = String(cString: id)
        self.name = String(cString: name)
        self.version = String(cString: version)
        toolchain = descriptor.toolchain.flatMap { $0.pointee == 0 ? nil : String(cString: $0) }
        var ids: [String] = []
        while ids.count < 64, let next = list[ids.count] { ids.append(String(cString: next)) }
        capabilities = ids
    }

    /// Two Swift runtimes' worth of assumptions do not go together in one process.
    private func checkToolchain() throws(LoadFailure) {
        if let problem = Self.toolchainProblem(toolchain) { throw LoadFailure(problem) }
    }

    /// Why a plugin of that toolchain cannot run in this process; nil when it can.
    static func toolchainProblem(_ toolchain: String?) -> String? {
        guard let toolchain, toolchain != ownToolchain else { return nil }
        return "it was built with another Swift toolchain (\(toolchain)) than this host (\(ownToolchain)): rebuild it "
            + "with the host's, or let it run apart (isolation: process)"
    }

    static var ownToolchain: String { String(cString: conductor_sdk_toolchain()) }

    private static func copy(_ pointer: UnsafePointer<conductor_plugin>, size: Int) -> conductor_plugin {
        var copy = conductor_plugin()
        withUnsafeMutableBytes(of: &copy) { target in
            target.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: min(size, target.count)))
        }
        return copy
    }

    private static func loaderMessage(copy: String, path: String) -> String {
        var message = dlerror().map { String(cString: $0) } ?? "no reason given"
        if message.hasPrefix(copy + ": ") { message.removeFirst(copy.utf8.count + 2) }
        return message
    }
}
