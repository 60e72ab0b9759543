import PluginKit

extension PluginCall: WireValue {
    func write(to wire: inout WireWriter) {
        switch self {
        case .respond(let value):
            wire.write(UInt8(1))
            value.write(to: &wire)
        case .notify(let value):
            wire.write(UInt8(2))
            value.write(to: &wire)
        case .put(let value):
            wire.write(UInt8(3))
            value.write(to: &wire)
        case .exchange(let value):
            wire.write(UInt8(4))
            value.write(to: &wire)
        case .owned(let value):
            wire.write(UInt8(5))
            value.write(to: &wire)
        case .messages(let value):
            wire.write(UInt8(6))
            value.write(to: &wire)
        case .change(let value):
            wire.write(UInt8(7))
            value.write(to: &wire)
        case .recordConsent(let value):
            wire.write(UInt8(8))
            value.write(to: &wire)
        case .health: wire.write(UInt8(9))
        case .consent(let value):
            wire.write(UInt8(10))
            value.write(to: &wire)
        case .erase(let value):
            wire.write(UInt8(11))
            value.write(to: &wire)
        case .contact(let value):
            wire.write(UInt8(12))
            value.write(to: &wire)
        case .customers(let value):
            wire.write(UInt8(13))
            value.write(to: &wire)
        case .customerSearch(let value):
            wire.write(UInt8(14))
            value.write(to: &wire)
        case .sizes: wire.write(UInt8(15))
        case .heartbeat(let value):
            wire.write(UInt8(16))
            value.write(to: &wire)
        case .records(let value):
            wire.write(UInt8(17))
            value.write(to: &wire)
        case .putRecords(let value):
            wire.write(UInt8(18))
            value.write(to: &wire)
        case .importRows(let value):
            wire.write(UInt8(19))
            value.write(to: &wire)
        case .endImport(let value):
            wire.write(UInt8(20))
            value.write(to: &wire)
        case .list(let value):
            wire.write(UInt8(21))
            value.write(to: &wire)
        case .changeCustomers(let value):
            wire.write(UInt8(22))
            value.write(to: &wire)
        }
    }
    init(from wire: inout WireReader) throws(WireError) {
        switch try wire.number(UInt8.self) {
        case 1: self = .respond(try wire.value())
        case 2: self = .notify(try wire.value())
        case 3: self = .put(try wire.value())
        case 4: self = .exchange(try wire.value())
        case 5: self = .owned(gateway: try wire.value())
        case 6: self = .messages(try wire.value())
        case 7: self = .change(try wire.value())
        case 8: self = .recordConsent(try wire.value())
        case 9: self = .health
        case 10: self = .consent(try wire.value())
        case 11: self = .erase(try wire.value())
        case 12: self = .contact(phone: try wire.value())
        case 13: self = .customers(try wire.value())
        case 14: self = .customerSearch(try wire.value())
        case 15: self = .sizes
        case 16: self = .heartbeat(try wire.value())
        case 17: self = .records(try wire.value())
        case 18: self = .putRecords(try wire.value())
        case 19: self = .importRows(try wire.value())
        case 20: self = .endImport(try wire.value())
        case 21: self = .list(try wire.value())
        case 22: self = .changeCustomers(try wire.value())
        case let number: throw WireError("no PluginCall has the number \(number)")
        }
    }
}

extension PluginReply: WireValue {
    func write(to wire: inout WireWriter) {
        switch self {
        case .done: wire.write(UInt8(1))
        case .decision(let value):
            wire.write(UInt8(2))
            value.write(to: &wire)
        case .exchange(let value):
            wire.write(UInt8(3))
            value.write(to: &wire)
        case .messages(let value):
            wire.write(UInt8(4))
            value.write(to: &wire)
        case .changed(let value):
            wire.write(UInt8(5))
            value.write(to: &wire)
        case .health(let value):
            wire.write(UInt8(6))
            value.write(to: &wire)
        case .consent(let value):
            wire.write(UInt8(7))
            value.write(to: &wire)
        case .erased(let value):
            wire.write(UInt8(8))
            value.write(to: &wire)
        case .contact(let value):
            wire.write(UInt8(9))
            value.write(to: &wire)
        case .customers(let value):
            wire.write(UInt8(10))
            value.write(to: &wire)
        case .sizes(let value):
            wire.write(UInt8(11))
            value.write(to: &wire)
        case .fleet(let value):
            wire.write(UInt8(12))
            value.write(to: &wire)
        case .records(let value):
            wire.write(UInt8(13))
            value.write(to: &wire)
        case .recordsPut(let value):
            wire.write(UInt8(14))
            value.write(to: &wire)
        case .imported(let value):
            wire.write(UInt8(15))
            value.write(to: &wire)
        case .importEnded(let value):
            wire.write(UInt8(16))
            value.write(to: &wire)
        case .listed(let value):
            wire.write(UInt8(17))
            value.write(to: &wire)
        case .customersChanged(let value):
            wire.write(UInt8(18))
            value.write(to: &wire)
        }
    }
    init(from wire: inout WireReader) throws(WireError) {
        switch try wire.number(UInt8.self) {
        case 1: self = .done
        case 2: self = .decision(try wire.value())
        case 3: self = .exchange(try wire.value())
        case 4: self = .messages(try wire.value())
        case 5: self = .changed(try wire.value())
        case 6: self = .health(try wire.value())
        case 7: self = .consent(try wire.value())
        case 8: self = .erased(try wire.value())
        case 9: self = .contact(try wire.value())
        case 10: self = .customers(try wire.value())
        case 11: self = .sizes(try wire.value())
        case 12: self = .fleet(try wire.value())
        case 13: self = .records(try wire.value())
        case 14: self = .recordsPut(try wire.value())
        case 15: self = .imported(try wire.value())
        case 16: self = .importEnded(try wire.value())
        case 17: self = .listed(try wire.value())
        case 18: self = .customersChanged(try wire.value())
        case let number: throw WireError("no PluginReply has the number \(number)")
        }
    }
}

extension PluginError.Code: WireValue {}

extension PluginError: WireValue {
    func write(to wire: inout WireWriter) {
        code.write(to: &wire)
        message.write(to: &wire)
        retryAfterMilliseconds.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            try wire.value(), try wire.value(), retryAfterMilliseconds: try wire.value())
    }
}
