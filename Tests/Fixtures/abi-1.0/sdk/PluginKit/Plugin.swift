/// What every plugin is: a value made from its settings, started, used from many tasks at once, stopped.
public protocol Plugin: Sendable {
    /// Shown by `conductor plugins list`.
    static var info: PluginInfo { get }

    /// Where the plugin's code runs; `.dedicated(threads: 4)` unless the plugin says otherwise.
    static var execution: Execution { get }

    /// Makes an instance. Must not block, connect or write: `start` does.
    ///
    /// - Throws: `PluginError` with `.invalid` naming the key when a setting is wrong.
    init(host: Host, settings: Settings) throws

    /// Opens what the plugin needs. Called once, before any capability call.
    func start() async throws

    /// Gives everything back. Called once, after the last capability call has completed.
    func stop() async
}

extension Plugin {
    /// Does nothing.
    public func start() async throws {}
    /// Does nothing.
    public func stop() async {}
    /// `.dedicated(threads: 4)`.
    public static var execution: Execution { .dedicated(threads: 4) }
}

/// Who a plugin is.
public struct PluginInfo: Sendable, Hashable {
    /// Lower-case letters, digits and hyphens, as `auto-reply`.
    public var id: String
    public var name: String
    public var version: String

    public init(id: String, name: String, version: String) {
        self.id = id
        self.name = name
        self.version = version
    }
}

/// About the call being served.
public struct CallContext: Sendable {
    public let callID: UInt64
    /// `CLOCK_MONOTONIC` nanoseconds after which nobody waits for the answer; 0 means none.
    public let deadlineNanoseconds: Int64

    public init(callID: UInt64 = 0, deadlineNanoseconds: Int64 = 0) {
        self.callID = callID
        self.deadlineNanoseconds = deadlineNanoseconds
    }
}

/// What a plugin's call failed with; crosses the ABI as its class, its text and its delay.
public struct PluginError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What the caller can do about it.
    public enum Code: Int32, Sendable, Hashable {
        /// The request or a setting is wrong; repeating does not help.
        case invalid = 1
        case unsupported = 2
        /// Not now; repeating may help.
        case unavailable = 3
        case deadline = 4
        case cancelled = 5
        case conflict = 6
        case `internal` = 7
    }

    public var code: Code
    public var message: String
    /// When to try again; nil where the plugin does not know.
    public var retryAfterMilliseconds: Int64?

    public init(_ code: Code, _ message: String, retryAfterMilliseconds: Int64? = nil) {
        self.code = code
        self.message = message
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }

    public var description: String { message }
}
