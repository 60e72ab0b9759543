internal import PluginKit

/// Writes the JSON objects that events carry; keys in the order in which they are added, absent values left out.
struct EventJSON {
    private var bytes: [UInt8] = [UInt8(ascii: "{")]

    mutating func add(_ key: String, _ value: String?) {
        guard let value else { return }
        open(key)
        string(value)
    }

    mutating func add(_ key: String, _ value: Int64?) {
        guard let value else { return }
        open(key)
        bytes.append(contentsOf: String(value).utf8)
    }

    mutating func add(_ key: String, _ value: Bool) {
        guard value else { return }
        open(key)
        bytes.append(contentsOf: "true".utf8)
    }

    var text: String { String(decoding: bytes + [UInt8(ascii: "}")], as: UTF8.self) }

    private mutating func open(_ key: String) {
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        string(key)
        bytes.append(UInt8(ascii: ":"))
    }

    private mutating func string(_ value: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x0A: bytes.append(contentsOf: "\\n".utf8)
            case 0x0D: bytes.append(contentsOf: "\\r".utf8)
            case 0x09: bytes.append(contentsOf: "\\t".utf8)
            case 0..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

extension EventJSON {
    /// A text as events show it.
    static func message(
        uid: String, phone: String, content: String, sim: String?, answers: String? = nil, origin: String? = nil,
        state: String? = nil, errorCode: String? = nil, error: String? = nil, warnings: String? = nil
    ) -> String {
        var json = EventJSON()
        json.add("uid", uid)
        json.add("phone", phone)
        json.add("content", content)
        json.add("sim", sim)
        json.add("answers", answers)
        json.add("origin", origin)
        json.add("state", state)
        json.add("error_code", errorCode)
        json.add("error_message", error)
        json.add("warnings", warnings)
        return json.text
    }
}
