import PluginKit

extension CustomerTable: WireValue {}

extension RecordKey: WireValue {
    func write(to wire: inout WireWriter) {
        text.write(to: &wire)
        isID.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) { self.init(try wire.value(), isID: try wire.value()) }
}

extension RecordQuery: WireValue {
    func write(to wire: inout WireWriter) {
        table.write(to: &wire)
        after.write(to: &wire)
        limit.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(table: try wire.value(), after: try wire.value(), limit: try wire.value())
    }
}

extension RecordValue: WireValue {
    func write(to wire: inout WireWriter) {
        switch self {
        case .null: wire.write(UInt8(0))
        case .flag(let value):
            wire.write(UInt8(1))
            value.write(to: &wire)
        case .number(let text):
            wire.write(UInt8(2))
            text.write(to: &wire)
        case .text(let text):
            wire.write(UInt8(3))
            text.write(to: &wire)
        case .json(let text):
            wire.write(UInt8(4))
            text.write(to: &wire)
        }
    }
    init(from wire: inout WireReader) throws(WireError) {
        switch try wire.number(UInt8.self) {
        case 0: self = .null
        case 1: self = .flag(try wire.value())
        case 2: self = .number(try wire.value())
        case 3: self = .text(try wire.value())
        case 4: self = .json(try wire.value())
        case let number: throw WireError("no RecordValue has the number \(number)")
        }
    }
}

extension CustomerRecord: WireValue {
    func write(to wire: inout WireWriter) {
        wire.write(count: fields.count)
        for (name, value) in fields {
            name.write(to: &wire)
            value.write(to: &wire)
        }
    }
    init(from wire: inout WireReader) throws(WireError) {
        let count = try wire.count()
        var fields: [String: RecordValue] = [:]
        for _ in 0..<count {
            let name = try wire.value(String.self)
            fields[name] = try wire.value(RecordValue.self)
        }
        self.init(fields)
    }
}

extension RecordBatch: WireValue {
    func write(to wire: inout WireWriter) {
        table.write(to: &wire)
        records.write(to: &wire)
        replaces.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(table: try wire.value(), records: try wire.value(), replaces: try wire.value())
    }
}

extension RecordReply: WireValue {
    func write(to wire: inout WireWriter) {
        WireBytes(outcomes.map(\.rawValue)).write(to: &wire)
        unplaced.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        var outcomes: [Outcome] = []
        for byte in try wire.value(WireBytes.self).bytes {
            guard let outcome = Outcome(rawValue: byte) else { throw WireError("no outcome has the number \(byte)") }
            outcomes.append(outcome)
        }
        self.init(outcomes: outcomes, unplaced: try wire.value())
    }
}
