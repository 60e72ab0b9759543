import PluginKit

extension ImportValue: WireValue {
    func write(to wire: inout WireWriter) {
        switch self {
        case .absent: wire.write(UInt8(0))
        case .text(let text):
            wire.write(UInt8(1))
            text.write(to: &wire)
        case .count(let number):
            wire.write(UInt8(2))
            wire.write(number)
        case .money(let micros):
            wire.write(UInt8(3))
            wire.write(micros)
        case .day(let day):
            wire.write(UInt8(4))
            day.write(to: &wire)
        case .flag(let flag):
            wire.write(UInt8(5))
            flag.write(to: &wire)
        }
    }
    init(from wire: inout WireReader) throws(WireError) {
        switch try wire.number(UInt8.self) {
        case 0: self = .absent
        case 1: self = .text(try wire.value())
        case 2: self = .count(try wire.number())
        case 3: self = .money(micros: try wire.number())
        case 4: self = .day(try wire.value())
        case 5: self = .flag(try wire.value())
        case let number: throw WireError("no ImportValue has the number \(number)")
        }
    }
}

extension ImportSection: WireValue {
    func write(to wire: inout WireWriter) {
        table.write(to: &wire)
        columns.write(to: &wire)
        values.write(to: &wire)
        fills.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            table: try wire.value(), columns: try wire.value(), values: try wire.value(), fills: try wire.value())
    }
}

extension ImportBatch: WireValue {
    func write(to wire: inout WireWriter) {
        importID.write(to: &wire)
        wire.write(sequence)
        today.write(to: &wire)
        sections.write(to: &wire)
        isDry.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            importID: try wire.value(), sequence: try wire.number(), today: try wire.value(),
            sections: try wire.value(), isDry: try wire.value())
    }
}

extension ImportReply: WireValue {
    func write(to wire: inout WireWriter) {
        WireBytes(outcomes.map(\.byte)).write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        var outcomes: [Outcome] = []
        for byte in try wire.value(WireBytes.self).bytes {
            guard let outcome = Outcome(byte: byte) else { throw WireError("no outcome has the number \(byte)") }
            outcomes.append(outcome)
        }
        self.init(outcomes: outcomes)
    }
}

extension ImportEnd.What: WireValue {}

extension ImportEnd: WireValue {
    func write(to wire: inout WireWriter) {
        importID.write(to: &wire)
        what.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(importID: try wire.value(), what: try wire.value())
    }
}

extension ImportTableChange: WireValue {
    func write(to wire: inout WireWriter) {
        table.write(to: &wire)
        for number in [removed, restored, left] { wire.write(number) }
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            table: try wire.value(), removed: try wire.number(), restored: try wire.number(), left: try wire.number())
    }
}

extension CustomerList: WireValue {}

extension ListQuery: WireValue {
    func write(to wire: inout WireWriter) {
        list.write(to: &wire)
        wire.write(count: filters.count)
        for (name, value) in filters {
            name.write(to: &wire)
            value.write(to: &wire)
        }
        order.write(to: &wire)
        isDescending.write(to: &wire)
        after.write(to: &wire)
        limit.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(try wire.value())
        let count = try wire.count()
        for _ in 0..<count {
            let name = try wire.value(String.self)
            filters[name] = try wire.value(String.self)
        }
        order = try wire.value()
        isDescending = try wire.value()
        after = try wire.value()
        limit = try wire.value()
    }
}

extension ListPage: WireValue {
    func write(to wire: inout WireWriter) {
        rows.write(to: &wire)
        next.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(rows: try wire.value(), next: try wire.value())
    }
}
