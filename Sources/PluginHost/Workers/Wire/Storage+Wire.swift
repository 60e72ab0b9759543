import PluginKit

extension ExchangeRequest.Start: WireValue {
    func write(to wire: inout WireWriter) {
        storageID.write(to: &wire)
        uid.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            storageID: try wire.value(), uid: try wire.value())
    }
}

extension ExchangeRequest.Outcome: WireValue {
    func write(to wire: inout WireWriter) {
        uid.write(to: &wire)
        storageID.write(to: &wire)
        status.write(to: &wire)
        deliveryStatus.write(to: &wire)
        errorCode.write(to: &wire)
        errorMessage.write(to: &wire)
        modemTimestamp.write(to: &wire)
        notBefore.write(to: &wire)
        sim.write(to: &wire)
        parts.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            uid: try wire.value(), storageID: try wire.value(), status: try wire.value(),
            deliveryStatus: try wire.value(), errorCode: try wire.value(), errorMessage: try wire.value(),
            modemTimestamp: try wire.value(), notBefore: try wire.value(), sim: try wire.value(),
            parts: try wire.value())
    }
}

extension ExchangeRequest: WireValue {
    func write(to wire: inout WireWriter) {
        gateway.write(to: &wire)
        finished.write(to: &wire)
        starting.write(to: &wire)
        want.write(to: &wire)
        leaseMilliseconds.write(to: &wire)
        maxAgeMilliseconds.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            gateway: try wire.value(), finished: try wire.value(), starting: try wire.value(),
            want: try wire.value(), leaseMilliseconds: try wire.value(), maxAgeMilliseconds: try wire.value())
    }
}

extension ExchangeReply: WireValue {
    func write(to wire: inout WireWriter) {
        started.write(to: &wire)
        claimed.write(to: &wire)
        nextDueMilliseconds.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            started: try wire.value(), claimed: try wire.value(), nextDueMilliseconds: try wire.value())
    }
}

extension MessageQuery: WireValue {
    func write(to wire: inout WireWriter) {
        uid.write(to: &wire)
        direction.write(to: &wire)
        status.write(to: &wire)
        deliveryStatus.write(to: &wire)
        phone.write(to: &wire)
        cursor.write(to: &wire)
        oldestFirst.write(to: &wire)
        limit.write(to: &wire)
        search.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            uid: try wire.value(), direction: try wire.value(), status: try wire.value(),
            deliveryStatus: try wire.value(), phone: try wire.value(), cursor: try wire.value(),
            oldestFirst: try wire.value(), limit: try wire.value(), search: try wire.value())
    }
}

extension MessageChange.Kind: WireValue {}

extension MessageChange: WireValue {
    func write(to wire: inout WireWriter) {
        storageID.write(to: &wire)
        kind.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            storageID: try wire.value(), kind: try wire.value())
    }
}

extension ConsentEvent.Action: WireValue {}

extension ConsentEvent: WireValue {
    func write(to wire: inout WireWriter) {
        uid.write(to: &wire)
        phone.write(to: &wire)
        action.write(to: &wire)
        at.write(to: &wire)
        source.write(to: &wire)
        messageUID.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            uid: try wire.value(), phone: try wire.value(), action: try wire.value(), at: try wire.value(),
            source: try wire.value(), messageUID: try wire.value())
    }
}

extension ConsentQuery: WireValue {
    func write(to wire: inout WireWriter) {
        after.write(to: &wire)
        limit.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(after: try wire.value(), limit: try wire.value())
    }
}

extension ConsentPage: WireValue {
    func write(to wire: inout WireWriter) {
        events.write(to: &wire)
        next.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(events: try wire.value(), next: try wire.value())
    }
}

extension StorageHealth: WireValue {
    func write(to wire: inout WireWriter) {
        location.write(to: &wire)
        rows.write(to: &wire)
        bytes.write(to: &wire)
        databaseFile.write(to: &wire)
        identity.write(to: &wire)
        quotaBytes.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            location: try wire.value(), rows: try wire.value(), bytes: try wire.value(),
            databaseFile: try wire.value(), identity: try wire.value(), quotaBytes: try wire.value())
    }
}

extension StorageTable: WireValue {
    func write(to wire: inout WireWriter) {
        name.write(to: &wire)
        rows.write(to: &wire)
        bytes.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(name: try wire.value(), rows: try wire.value(), bytes: try wire.value())
    }
}
