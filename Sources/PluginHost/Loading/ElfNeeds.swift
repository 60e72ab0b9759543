/// The libraries that a library names, for saying which of them a machine lacks. What is not well formed names none.
struct ElfNeeds {
    private(set) var names: [String] = []
    /// It also says where to look for them.
    private(set) var hasFolders = false
    private let bytes: [UInt8]

    /// - Parameter bytes: a 64-bit, little-endian ELF file (gABI, "Dynamic Section").
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        guard let table = number(32, 8), let size = number(54, 2), let count = number(56, 2) else { return }
        var loads: [(address: Int, size: Int, offset: Int)] = []
        var entries: [(tag: Int, value: Int)] = []
        for index in 0..<count {
            let at = table &+ index &* size
            guard let kind = number(at, 4), let offset = number(at &+ 8, 8), let address = number(at &+ 16, 8),
                let length = number(at &+ 32, 8)
            else { return }
            if kind == 1 { loads.append((address, length, offset)) }
            if kind == 2 { entries = dynamic(at: offset, length: length) }
        }
        guard let strings = entries.first(where: { $0.tag == 5 })?.value,
            let load = loads.first(where: { strings >= $0.address && strings &- $0.address < $0.size })
        else { return }
        let base = strings &- load.address &+ load.offset
        names = entries.filter { $0.tag == 1 }.compactMap { text(at: base &+ $0.value) }
        // DT_RPATH, DT_RUNPATH
        hasFolders = entries.contains { $0.tag == 15 || $0.tag == 29 }
    }

    private func dynamic(at offset: Int, length: Int) -> [(tag: Int, value: Int)] {
        var entries: [(tag: Int, value: Int)] = []
        var at = offset
        while at < offset &+ length, let tag = number(at, 8), let value = number(at &+ 8, 8), tag != 0 {
            entries.append((tag, value))
            at += 16
        }
        return entries
    }

    private func number(_ offset: Int, _ width: Int) -> Int? {
        guard offset >= 0, offset <= bytes.count - width else { return nil }
        return (0..<width).reduce(0) { $0 | Int(truncatingIfNeeded: UInt64(bytes[offset + $1]) << UInt64($1 * 8)) }
    }

    private func text(at offset: Int) -> String? {
        guard offset >= 0, offset < bytes.count else { return nil }
        return String(decoding: bytes[offset...].prefix(4096).prefix { $0 != 0 }, as: UTF8.self)
    }
}
