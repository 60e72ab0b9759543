public import GatewayCore
public import PluginKit

/// The body of `GET /api/v1/messages`.
public struct MessagePage: Sendable, Hashable, Codable {
    public var messages: [Message]
    /// The `cursor` of the next page; absent on the last one.
    public var nextCursor: Int64?

    public init(messages: [Message], nextCursor: Int64? = nil) {
        self.messages = messages
        self.nextCursor = nextCursor
    }
}

/// The body of `GET /api/v1/customers`.
public struct CustomerPage: Sendable, Hashable, Codable {
    public var customers: [Customer]

    public init(customers: [Customer]) { self.customers = customers }
}

/// The body of `GET /api/v1/imports`.
public struct ImportList: Sendable, Hashable, Codable {
    public var imports: [ImportReport]

    public init(imports: [ImportReport]) { self.imports = imports }
}

/// The body of `GET /api/v1/optouts`.
public struct OptOutPage: Sendable, Hashable, Codable {
    public var optOuts: [OptOut]
    /// The `after` of the next page; absent on the last one.
    public var nextAfter: String?

    public init(optOuts: [OptOut], nextAfter: String? = nil) {
        self.optOuts = optOuts
        self.nextAfter = nextAfter
    }
}

/// The body of `POST /api/v1/modems/{imei}/reset`, and its answer.
public struct ModemResetRequest: Sendable, Hashable, Codable {
    /// `settings`, `reopen`, `radio`, `restart` (where it is absent), `usb` or `power`.
    public var step: String?

    public init(step: String?) {
        self.step = step
    }
}

/// The body of `POST /api/v1/modems/{imei}/ussd`: one of the two.
public struct USSDRequest: Sendable, Hashable, Codable {
    /// A code as `*100#`, or an answer to what the network asked.
    public var code: String?
    /// Ends the session.
    public var cancel: Bool?

    public init(code: String? = nil, cancel: Bool? = nil) {
        self.code = code
        self.cancel = cancel
    }
}

/// The body of `POST /api/v1/modems/{imei}/at`.
public struct ATRequest: Sendable, Hashable, Codable {
    /// One AT command, as `AT+CSQ`.
    public var command: String

    public init(command: String) {
        self.command = command
    }
}

/// The answer to `ATRequest`.
public struct ATReply: Sendable, Hashable, Codable {
    /// The lines as the modem gave them, the final result last.
    public var lines: [String]

    public init(lines: [String]) {
        self.lines = lines
    }
}

/// The body of `POST /api/v1/plugins/reload`.
public struct PluginReloadRequest: Sendable, Hashable, Codable {
    /// A drop-in that is loaded anew though nothing of it changed; without it, what changed is.
    public var name: String?

    public init(name: String? = nil) {
        self.name = name
    }
}

/// The answer to `GET /api/v1/plugins/{name}/logs`.
public struct PluginLogPage: Sendable, Hashable, Codable {
    /// Oldest first.
    public var lines: [PluginLogLine]

    public init(lines: [PluginLogLine]) {
        self.lines = lines
    }
}

/// The body of `POST /api/v1/contacts/{number}/erase`.
public struct ErasureWish: Sendable, Hashable, Codable {
    /// Nothing is erased, it is only counted. It must be said, since there is no way back.
    public var dryRun: Bool

    public init(dryRun: Bool) {
        self.dryRun = dryRun
    }
}
