import PluginKit

// Each type writes its fields and reads them in the same order.

extension Message.Direction: WireValue {}
extension Message.Status: WireValue {}
extension Message.DeliveryStatus: WireValue {}

extension Message: WireValue {
    func write(to wire: inout WireWriter) {
        uid.write(to: &wire)
        storageID.write(to: &wire)
        direction.write(to: &wire)
        phone.write(to: &wire)
        content.write(to: &wire)
        status.write(to: &wire)
        deliveryStatus.write(to: &wire)
        errorCode.write(to: &wire)
        errorMessage.write(to: &wire)
        timestamp.write(to: &wire)
        modemTimestamp.write(to: &wire)
        modemUTCOffset.write(to: &wire)
        modemIndex.write(to: &wire)
        messageHash.write(to: &wire)
        retryCount.write(to: &wire)
        lastRetryAt.write(to: &wire)
        notBefore.write(to: &wire)
        sim.write(to: &wire)
        parts.write(to: &wire)
        incomplete.write(to: &wire)
        possibleDuplicate.write(to: &wire)
        asksToStop.write(to: &wire)
        answers.write(to: &wire)
        origin.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            uid: try wire.value(), storageID: try wire.value(), direction: try wire.value(), phone: try wire.value(),
            content: try wire.value(), status: try wire.value(), deliveryStatus: try wire.value(),
            errorCode: try wire.value(), errorMessage: try wire.value(), timestamp: try wire.value(),
            modemTimestamp: try wire.value(), modemUTCOffset: try wire.value(), modemIndex: try wire.value(),
            messageHash: try wire.value(), retryCount: try wire.value(), lastRetryAt: try wire.value(),
            notBefore: try wire.value(), sim: try wire.value(), parts: try wire.value(),
            incomplete: try wire.value(), possibleDuplicate: try wire.value(), asksToStop: try wire.value(),
            answers: try wire.value(), origin: try wire.value())
    }
}

extension InboundText: WireValue {
    func write(to wire: inout WireWriter) {
        uid.write(to: &wire)
        phone.write(to: &wire)
        content.write(to: &wire)
        receivedAt.write(to: &wire)
        sim.write(to: &wire)
        parts.write(to: &wire)
        incomplete.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            uid: try wire.value(), phone: try wire.value(), content: try wire.value(), receivedAt: try wire.value(),
            sim: try wire.value(), parts: try wire.value(), incomplete: try wire.value())
    }
}

extension Decision.Kind: WireValue {}

extension Decision: WireValue {
    func write(to wire: inout WireWriter) {
        kind.write(to: &wire)
        text.write(to: &wire)
        reason.write(to: &wire)
        costMicros.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            kind: try wire.value(), text: try wire.value(), reason: try wire.value(), costMicros: try wire.value())
    }
}

extension Event: WireValue {
    func write(to wire: inout WireWriter) {
        id.write(to: &wire)
        kind.write(to: &wire)
        at.write(to: &wire)
        json.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            id: try wire.value(), kind: try wire.value(), at: try wire.value(), json: try wire.value())
    }
}
