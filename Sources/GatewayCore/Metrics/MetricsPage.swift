/// Prometheus' text format 0.0.4.
struct MetricsPage {
    private(set) var text = ""

    mutating func begin(_ name: String, _ kind: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
    }

    /// - Parameter labels: as `labels` makes them.
    mutating func add(_ name: String, _ labels: String, _ value: Double) {
        let number = value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
        text += "\(name)\(labels) \(number)\n"
    }

    /// A family of one kind.
    mutating func add(
        _ name: String, _ kind: String, _ help: String, _ samples: [([(String, String)], Double)]
    ) {
        guard !samples.isEmpty else { return }
        begin(name, kind, help)
        for (labels, value) in samples { add(name, Self.labels(labels), value) }
    }

    /// `{a="b",…}`; nothing where there are none.
    static func labels(_ labels: [(String, String)]) -> String {
        guard !labels.isEmpty else { return "" }
        return "{" + labels.map { "\($0)=\"\(escaped($1))\"" }.joined(separator: ",") + "}"
    }

    private static func escaped(_ value: String) -> String {
        var result = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
