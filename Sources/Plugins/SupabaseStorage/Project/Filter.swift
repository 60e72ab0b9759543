/// Conditions on rows in the words of PostgREST, escaped: an unescaped `+` is a blank, and would find nothing.
struct Filter: Sendable, Hashable, CustomStringConvertible {
    /// As it stands in the URL.
    let description: String

    private init(_ column: String, _ condition: String) {
        description = Self.escaped(column) + "=" + Self.escaped(condition)
    }

    /// `column` has this value; nil: it has none.
    static func equals(_ column: String, _ value: String?) -> Filter {
        Filter(column, value.map { "eq." + $0 } ?? "is.null")
    }

    /// See `equals` for texts.
    static func equals(_ column: String, _ value: (some BinaryInteger)?) -> Filter {
        equals(column, value.map { String($0) })
    }

    static func isNot(_ column: String, _ value: String) -> Filter { Filter(column, "neq." + value) }
    static func over(_ column: String, _ value: String) -> Filter { Filter(column, "gt." + value) }
    static func under(_ column: String, _ value: String) -> Filter { Filter(column, "lt." + value) }

    /// `pattern` has `*` for anything.
    static func like(_ column: String, _ pattern: String) -> Filter { Filter(column, "like." + pattern) }

    /// One of these; each is quoted.
    static func oneOf(_ column: String, _ values: [String]) -> Filter {
        let quoted = values.map { value in
            "\"" + value.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "\""
        }
        return Filter(column, "in.(" + quoted.joined(separator: ",") + ")")
    }

    /// Any of the conditions, each as PostgREST nests them, as `timestamp.gte.2026-11-01T00:00:00.000Z`. For reading
    /// only: before PostgREST 14.4 a change with it changed rows and said that it had not.
    static func any(_ conditions: [String]) -> Filter { Filter("or", "(" + conditions.joined(separator: ",") + ")") }

    /// RFC 3986 §2.3: everything but unreserved characters, and those that PostgREST means by themselves.
    static func escaped(_ text: String) -> String {
        var result: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E, 0x28, 0x29, 0x2C, 0x2A:
                result.append(byte)
            default:
                result.append(UInt8(ascii: "%"))
                result.append(contentsOf: [byte >> 4, byte & 0xF].map { $0 < 10 ? 0x30 + $0 : 0x37 + $0 })
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
