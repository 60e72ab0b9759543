import PluginKit
import Synchronization

/// Makes lines of what a plugin prints, and puts them into the log.
final class OutputLines: Sendable {
    /// A longer line is cut.
    private static let limit = 2048

    private let name: String
    private let services: any HostServices
    private let line = Mutex<[UInt8]>([])

    init(name: String, services: any HostServices) {
        self.name = name
        self.services = services
    }

    func take(_ bytes: UnsafeRawBufferPointer) {
        let lines = line.withLock { line in
            var lines: [String] = []
            for byte in bytes {
                if byte == 0x0A {
                    if !line.isEmpty { lines.append(String(decoding: line, as: UTF8.self)) }
                    line.removeAll(keepingCapacity: true)
                } else if line.count < Self.limit {
                    line.append(byte)
                }
            }
            return lines
        }
        for line in lines { services.log(plugin: name, level: .notice, message: line) }
    }
}

/// A plugin's line on its way from a worker.
struct WorkerLogLine: Sendable, Hashable, WireValue {
    var level: PluginLogLevel
    var message: String

    init(level: PluginLogLevel, message: String) {
        self.level = level
        self.message = message
    }

    func write(to wire: inout WireWriter) {
        level.write(to: &wire)
        message.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(level: try wire.value(), message: try wire.value())
    }
}
