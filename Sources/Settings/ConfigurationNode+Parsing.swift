import Glibc
import PluginKit
import Yams

extension ConfigurationNode {
    /// Reads a YAML file of at most 1 MiB.
    ///
    /// - Throws: when it cannot be read, is no UTF-8 or no YAML, or has a key twice.
    public static func read(file: String) throws(ConfigurationError) -> ConfigurationNode {
        try parse(String(decoding: try FileBytes.read(file, limit: 1 << 20), as: UTF8.self), file: file)
    }

    /// Reads YAML text; `file` is what errors name. An empty text is an empty value.
    public static func parse(_ text: String, file: String) throws(ConfigurationError) -> ConfigurationNode {
        let root: Node?
        // A byte order mark, as some editors write it, counts as nothing.
        let text = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
        do {
            root = try compose(yaml: text)
        } catch {
            throw explain(error, file: file)
        }
        guard let root else { return nothing(in: file) }
        return try ConfigurationNode(root, file: file, path: "")
    }

    private init(_ node: Node, file: String, path: String) throws(ConfigurationError) {
        self.file = file
        self.path = path
        line = node.mark?.line ?? 1
        column = node.mark?.column ?? 1
        switch node {
        case .scalar(let scalar):
            content = .scalar(scalar.string, plain: scalar.style == .plain || scalar.style == .any)
        case .sequence(let sequence):
            var elements: [ConfigurationNode] = []
            for (index, element) in sequence.enumerated() {
                elements.append(try ConfigurationNode(element, file: file, path: "\(path)[\(index)]"))
            }
            content = .list(elements)
        case .mapping(let mapping):
            var entries: [Entry] = []
            for (key, value) in mapping {
                guard let name = key.scalar?.string else {
                    throw ConfigurationError(
                        file: file, line: key.mark?.line, column: key.mark?.column, message: "a key must be a word")
                }
                entries.append(
                    Entry(
                        key: name, line: key.mark?.line ?? line, column: key.mark?.column ?? column,
                        value: try ConfigurationNode(
                            value, file: file, path: path.isEmpty ? name : "\(path).\(name)")))
            }
            content = .mapping(entries)
        case .alias:
            throw ConfigurationError(
                file: file, line: node.mark?.line, column: node.mark?.column, message: "this alias names no anchor")
        }
    }

    func unknownKey(_ entry: Entry, known: [String]) -> ConfigurationError {
        let name = path.isEmpty ? entry.key : "\(path).\(entry.key)"
        return ConfigurationError(
            file: file, line: entry.line, column: entry.column,
            message: "\(name): unknown key" + NearestName.hint(for: entry.key, among: known))
    }

    private static func explain(_ error: any Error, file: String) -> ConfigurationError {
        func place(_ problem: String, _ mark: Mark, _ context: YamlError.Context?) -> ConfigurationError {
            ConfigurationError(
                file: file, line: mark.line, column: mark.column,
                message: "no YAML: " + (context.map { "\($0.text), " } ?? "") + problem)
        }
        switch error {
        case YamlError.scanner(let context, let problem, let mark, _),
            YamlError.parser(let context, let problem, let mark, _),
            YamlError.composer(let context, let problem, let mark, _):
            return place(problem, mark, context)
        case YamlError.duplicatedKeysInMapping(let duplicates, let context):
            return ConfigurationError(
                file: file, line: context.mark.line, column: context.mark.column,
                message: "this mapping has the key \"\(duplicates.first ?? "")\" twice")
        case YamlError.reader(let problem, let offset, _, let yaml):
            // Its own words repeat the line, in which a key may stand.
            let lines = yaml.prefix(offset ?? 0).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            return ConfigurationError(
                file: file, line: lines.count, column: (lines.last?.unicodeScalars.count ?? 0) + 1,
                message: "no YAML: \(problem)")
        default: return ConfigurationError(file: file, message: "cannot be read as YAML")
        }
    }
}

extension ConfigurationNode {
    /// The value as JSON. Plain scalars that are JSON numbers, `true`, `false` or `null` become such, all others texts.
    public var json: String {
        var text = ""
        write(json: &text)
        return text
    }

    private func write(json text: inout String) {
        switch content {
        case .scalar(let value, let plain):
            if isNull {
                text += "null"
            } else if plain, let flag = Self.booleans[value] {
                text += flag ? "true" : "false"
            } else if plain, Self.isNumber(value) {
                text += value
            } else {
                Self.write(quoted: value, &text)
            }
        case .list(let elements):
            text += "["
            for (index, element) in elements.enumerated() {
                if index > 0 { text += "," }
                element.write(json: &text)
            }
            text += "]"
        case .mapping(let entries):
            text += "{"
            for (index, entry) in entries.enumerated() {
                if index > 0 { text += "," }
                Self.write(quoted: entry.key, &text)
                text += ":"
                entry.value.write(json: &text)
            }
            text += "}"
        }
    }

    /// RFC 8259's grammar.
    private static func isNumber(_ text: String) -> Bool {
        var rest = Substring(text)
        func digits() -> Substring {
            let found = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(found.count)
            return found
        }
        if rest.first == "-" { rest = rest.dropFirst() }
        let whole = digits()
        guard !whole.isEmpty, whole.count == 1 || whole.first != "0" else { return false }
        if rest.first == "." {
            rest = rest.dropFirst()
            guard !digits().isEmpty else { return false }
        }
        if rest.first == "e" || rest.first == "E" {
            rest = rest.dropFirst()
            if rest.first == "+" || rest.first == "-" { rest = rest.dropFirst() }
            guard !digits().isEmpty else { return false }
        }
        return rest.isEmpty
    }

    private static func write(quoted value: String, _ text: inout String) {
        text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }

    /// The node at a path as plugins name it, `rules[2].pattern`, or the nearest one above it.
    public func nearest(to path: String) -> ConfigurationNode {
        var node = self
        var rest = Substring(path)
        while !rest.isEmpty {
            if rest.first == "." { rest = rest.dropFirst() }
            let next: ConfigurationNode?
            switch node.content {
            case .mapping(let entries):
                // The longest key that fits, since keys may hold dots.
                let entry = entries.filter { rest.hasPrefix($0.key) }.max { $0.key.count < $1.key.count }
                rest = rest.dropFirst(entry?.key.count ?? 0)
                next = entry.map { $0.value.moved(toLine: $0.line, column: $0.column) }
            case .list(let elements):
                guard rest.first == "[", let end = rest.firstIndex(of: "]"),
                    let index = Int(rest[rest.index(after: rest.startIndex)..<end]), elements.indices.contains(index)
                else { return node }
                rest = rest[rest.index(after: end)...]
                next = elements[index]
            case .scalar: return node
            }
            guard let next else { return node }
            node = next
        }
        return node
    }

    private func moved(toLine line: Int, column: Int) -> ConfigurationNode {
        ConfigurationNode(file: file, line: line, column: column, path: path, content: content)
    }
}
