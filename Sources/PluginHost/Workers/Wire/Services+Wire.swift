import PluginKit

extension OutgoingRequest.Purpose: WireValue {}

extension OutgoingRequest: WireValue {
    func write(to wire: inout WireWriter) {
        phone.write(to: &wire)
        text.write(to: &wire)
        sim.write(to: &wire)
        notBefore.write(to: &wire)
        idempotencyKey.write(to: &wire)
        purpose.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            phone: try wire.value(), text: try wire.value(), sim: try wire.value(), notBefore: try wire.value(),
            idempotencyKey: try wire.value(), purpose: try wire.value())
    }
}

extension SendReceipt: WireValue {
    func write(to wire: inout WireWriter) {
        uid.write(to: &wire)
        isRepetition.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            uid: try wire.value(), isRepetition: try wire.value())
    }
}

extension ConversationQuery: WireValue {
    func write(to wire: inout WireWriter) {
        phone.write(to: &wire)
        limit.write(to: &wire)
        before.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            phone: try wire.value(), limit: try wire.value(), before: try wire.value())
    }
}

extension ConversationPage: WireValue {
    func write(to wire: inout WireWriter) {
        messages.write(to: &wire)
        before.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            messages: try wire.value(), before: try wire.value())
    }
}

extension Contact: WireValue {
    func write(to wire: inout WireWriter) {
        phone.write(to: &wire)
        name.write(to: &wire)
        notes.write(to: &wire)
        botPausedUntil.write(to: &wire)
        assignee.write(to: &wire)
        isClosed.write(to: &wire)
        isOptedOut.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            phone: try wire.value(), name: try wire.value(), notes: try wire.value(),
            botPausedUntil: try wire.value(), assignee: try wire.value(), isClosed: try wire.value(),
            isOptedOut: try wire.value())
    }
}

extension ContactChange.Edit: WireValue where Value: WireValue {
    func write(to wire: inout WireWriter) {
        switch self {
        case .set(let value): Optional(value).write(to: &wire)
        case .clear: Value?.none.write(to: &wire)
        }
    }
    init(from wire: inout WireReader) throws(WireError) {
        self = try wire.value(Value?.self).map { .set($0) } ?? .clear
    }
}

extension ContactChange: WireValue {
    func write(to wire: inout WireWriter) {
        phone.write(to: &wire)
        name.write(to: &wire)
        notes.write(to: &wire)
        botPausedUntil.write(to: &wire)
        assignee.write(to: &wire)
        isClosed.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            phone: try wire.value(), name: try wire.value(), notes: try wire.value(),
            botPausedUntil: try wire.value(), assignee: try wire.value(), isClosed: try wire.value())
    }
}

extension KeyValueEntry: WireValue {
    func write(to wire: inout WireWriter) {
        key.write(to: &wire)
        WireBytes(value).write(to: &wire)
        expiresAt.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            key: try wire.value(), value: try wire.value(WireBytes.self).bytes, expiresAt: try wire.value())
    }
}

extension KeyValueQuery: WireValue {
    func write(to wire: inout WireWriter) {
        prefix.write(to: &wire)
        after.write(to: &wire)
        limit.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            prefix: try wire.value(), after: try wire.value(), limit: try wire.value())
    }
}

extension HTTPRequest.Header: WireValue {
    func write(to wire: inout WireWriter) {
        name.write(to: &wire)
        value.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            try wire.value(), try wire.value())
    }
}

extension HTTPRequest: WireValue {
    func write(to wire: inout WireWriter) {
        method.write(to: &wire)
        url.write(to: &wire)
        headers.write(to: &wire)
        WireBytes(body).write(to: &wire)
        timeoutMilliseconds.write(to: &wire)
        responseLimit.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            method: try wire.value(), url: try wire.value(), headers: try wire.value(),
            body: try wire.value(WireBytes.self).bytes, timeoutMilliseconds: try wire.value(),
            responseLimit: try wire.value())
    }
}

extension HTTPResponse: WireValue {
    func write(to wire: inout WireWriter) {
        status.write(to: &wire)
        headers.write(to: &wire)
        WireBytes(body).write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            status: try wire.value(), headers: try wire.value(), body: try wire.value(WireBytes.self).bytes)
    }
}
