import PluginKit

extension ServiceRequest: WireValue {
    func write(to wire: inout WireWriter) {
        switch self {
        case .send(let value):
            wire.write(UInt8(1))
            value.write(to: &wire)
        case .conversation(let value):
            wire.write(UInt8(2))
            value.write(to: &wire)
        case .contact(let value):
            wire.write(UInt8(3))
            value.write(to: &wire)
        case .changeContact(let value):
            wire.write(UInt8(4))
            value.write(to: &wire)
        case .customer(let value):
            wire.write(UInt8(5))
            value.write(to: &wire)
        case .value(let value):
            wire.write(UInt8(6))
            value.write(to: &wire)
        case .setValue(let value):
            wire.write(UInt8(7))
            value.write(to: &wire)
        case .removeValue(let value):
            wire.write(UInt8(8))
            value.write(to: &wire)
        case .keys(let value):
            wire.write(UInt8(9))
            value.write(to: &wire)
        case .http(let value):
            wire.write(UInt8(10))
            value.write(to: &wire)
        }
    }
    init(from wire: inout WireReader) throws(WireError) {
        switch try wire.number(UInt8.self) {
        case 1: self = .send(try wire.value())
        case 2: self = .conversation(try wire.value())
        case 3: self = .contact(phone: try wire.value())
        case 4: self = .changeContact(try wire.value())
        case 5: self = .customer(try wire.value())
        case 6: self = .value(key: try wire.value())
        case 7: self = .setValue(try wire.value())
        case 8: self = .removeValue(key: try wire.value())
        case 9: self = .keys(try wire.value())
        case 10: self = .http(try wire.value())
        case let number: throw WireError("no ServiceRequest has the number \(number)")
        }
    }
}

extension ServiceReply: WireValue {
    func write(to wire: inout WireWriter) {
        switch self {
        case .done: wire.write(UInt8(1))
        case .sent(let value):
            wire.write(UInt8(2))
            value.write(to: &wire)
        case .conversation(let value):
            wire.write(UInt8(3))
            value.write(to: &wire)
        case .contact(let value):
            wire.write(UInt8(4))
            value.write(to: &wire)
        case .card(let value):
            wire.write(UInt8(5))
            value.write(to: &wire)
        case .value(let value):
            wire.write(UInt8(6))
            value.map(WireBytes.init).write(to: &wire)
        case .keys(let value):
            wire.write(UInt8(7))
            value.write(to: &wire)
        case .http(let value):
            wire.write(UInt8(8))
            value.write(to: &wire)
        }
    }
    init(from wire: inout WireReader) throws(WireError) {
        switch try wire.number(UInt8.self) {
        case 1: self = .done
        case 2: self = .sent(try wire.value())
        case 3: self = .conversation(try wire.value())
        case 4: self = .contact(try wire.value())
        case 5: self = .card(try wire.value())
        case 6: self = .value(try wire.value(WireBytes?.self)?.bytes)
        case 7: self = .keys(try wire.value())
        case 8: self = .http(try wire.value())
        case let number: throw WireError("no ServiceReply has the number \(number)")
        }
    }
}

extension PluginLogLevel: WireValue {}
extension MetricSample.Kind: WireValue {}

extension MetricSample: WireValue {
    func write(to wire: inout WireWriter) {
        kind.write(to: &wire)
        name.write(to: &wire)
        labels.flatMap { [$0.key, $0.value] }.write(to: &wire)
        value.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        let kind = try wire.value(Kind.self)
        let name = try wire.value(String.self)
        let words = try wire.value([String].self)
        guard words.count.isMultiple(of: 2) else { throw WireError("a label without its value") }
        var labels: [String: String] = [:]
        for index in stride(from: 0, to: words.count, by: 2) { labels[words[index]] = words[index + 1] }
        self.init(kind, name: name, labels: labels, value: try wire.value())
    }
}
