import PluginKit

extension ErasureRequest: WireValue {
    func write(to wire: inout WireWriter) {
        phone.write(to: &wire)
        before.write(to: &wire)
        limit.write(to: &wire)
        countsOnly.write(to: &wire)
        scrubs.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            phone: try wire.value(), before: try wire.value(), limit: try wire.value(),
            countsOnly: try wire.value(), scrubs: try wire.value())
    }
}

extension ErasureReply: WireValue {
    func write(to wire: inout WireWriter) {
        texts.write(to: &wire)
        consent.write(to: &wire)
        others.write(to: &wire)
        hasMore.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            texts: try wire.value(), consent: try wire.value(), others: try wire.value(),
            hasMore: try wire.value())
    }
}

extension StoredContact: WireValue {
    func write(to wire: inout WireWriter) {
        texts.write(to: &wire)
        consent.write(to: &wire)
        other.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(texts: try wire.value(), consent: try wire.value(), other: try wire.value())
    }
}
