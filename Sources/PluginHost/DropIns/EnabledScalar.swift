import Settings

/// Changes the one value `enabled` in the text of a drop-in, and not one other byte of it.
enum EnabledScalar {
    /// The text with `enabled` set, as it was where it says so already.
    ///
    /// - Throws: when the text is no drop-in's, or cannot be changed without changing something else.
    static func set(_ value: Bool, in text: String, file: String) throws(ConfigurationError) -> String {
        let root = try ConfigurationNode.parse(text, file: file)
        guard case .mapping(let entries) = root.content, let first = entries.first else {
            throw root.error("must be a mapping of keys to values, but has none")
        }
        let scalars = Array(text.unicodeScalars)
        let places = Places(scalars)
        var tries: [String] = []
        if let entry = entries.first(where: { $0.key == "enabled" }) {
            if case .scalar(let word, plain: true) = entry.value.content, word == "\(value)" { return text }
            tries = replacing(entry, by: "\(value)", scalars, places)
        } else {
            if value { return text }
            let anchor = entries.first { $0.key == "plugin" } ?? first
            tries = adding(after: anchor, before: first, scalars, places)
        }
        let others = json(entries)
        for text in tries {
            guard let changed = try? ConfigurationNode.parse(text, file: file),
                case .mapping(let now) = changed.content, json(now) == others,
                let flag = now.first(where: { $0.key == "enabled" })?.value, (try? flag.bool()) == value
            else { continue }
            return text
        }
        throw root.error("\"enabled\" cannot be changed here without changing more: edit the file by hand")
    }

    /// Everything but `enabled`.
    private static func json(_ entries: [ConfigurationNode.Entry]) -> [String] {
        entries.filter { $0.key != "enabled" }.map { "\($0.key): \($0.value.json)" }
    }

    private static func replacing(
        _ entry: ConfigurationNode.Entry, by word: String, _ scalars: [Unicode.Scalar], _ places: Places
    ) -> [String] {
        var tries: [String] = []
        if let start = places.index(line: entry.value.line, column: entry.value.column), start < scalars.count {
            var end = start
            if scalars[start] == "\"" || scalars[start] == "'" {
                end = start + 1
                while end < scalars.count, scalars[end] != scalars[start] { end += 1 }
                end = min(end + 1, scalars.count)
            } else {
                while end < scalars.count, !" \t\r\n,}#".unicodeScalars.contains(scalars[end]) { end += 1 }
            }
            if end > start { tries.append(text(scalars, start..<end, word)) }
        }
        // A key without a value: the word comes behind the colon.
        if let key = places.index(line: entry.line, column: entry.column),
            let colon = scalars[key...].firstIndex(of: ":")
        {
            tries.append(text(scalars, colon + 1..<colon + 1, " \(word)"))
        }
        return tries
    }

    private static func adding(
        after anchor: ConfigurationNode.Entry, before first: ConfigurationNode.Entry, _ scalars: [Unicode.Scalar],
        _ places: Places
    ) -> [String] {
        guard let start = places.index(line: first.line, column: first.column),
            let anchorStart = places.index(line: anchor.line, column: anchor.column)
        else { return [] }
        var tries: [String] = []
        let lineEnd = scalars[anchorStart...].firstIndex { $0 == "\n" || $0 == "\r" } ?? scalars.count
        var lineBreak = "\n"
        if lineEnd < scalars.count, scalars[lineEnd] == "\r" {
            lineBreak = lineEnd + 1 < scalars.count && scalars[lineEnd + 1] == "\n" ? "\r\n" : "\r"
        }
        let indent = String(repeating: " ", count: max(0, anchor.column - 1))
        // Behind the anchor's line; else, where its value takes more lines, before the first key; else within braces.
        tries.append(text(scalars, lineEnd..<lineEnd, "\(lineBreak)\(indent)enabled: false"))
        tries.append(text(scalars, start..<start, "enabled: false\(lineBreak)\(indent)"))
        tries.append(text(scalars, start..<start, "enabled: false, "))
        return tries
    }

    private static func text(_ scalars: [Unicode.Scalar], _ range: Range<Int>, _ word: String) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[..<range.lowerBound])
        view.append(contentsOf: word.unicodeScalars)
        view.append(contentsOf: scalars[range.upperBound...])
        return String(view)
    }

    /// Where lines begin, as YAML counts them; a byte order mark has no column.
    private struct Places {
        private var starts: [Int] = [0]
        private let count: Int

        init(_ scalars: [Unicode.Scalar]) {
            count = scalars.count
            if scalars.first == "\u{FEFF}" { starts = [1] }
            for (index, scalar) in scalars.enumerated() {
                switch scalar {
                case "\r" where index + 1 < scalars.count && scalars[index + 1] == "\n": continue
                case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": starts.append(index + 1)
                default: continue
                }
            }
        }

        func index(line: Int, column: Int) -> Int? {
            guard starts.indices.contains(line - 1), column >= 1 else { return nil }
            let index = starts[line - 1] + column - 1
            return index <= count ? index : nil
        }
    }
}
