internal import PluginKit

extension OpeningHours: Decodable {
    /// One mapping `{days, from, to}` or a list of them.
    init(from decoder: any Decoder) throws {
        if var list = try? decoder.unkeyedContainer() {
            windows = []
            while !list.isAtEnd { windows.append(try list.decode(Window.self)) }
        } else {
            windows = [try Window(from: decoder)]
        }
        guard !windows.isEmpty else { throw Window.wrong(decoder.codingPath, "must have at least one window") }
    }
}

extension OpeningHours.Window: Decodable {
    private enum CodingKeys: String, CodingKey {
        case days, from, to
    }

    private static let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    /// `days` is `mon-fri`, `sat`, or a list of such; every day where it is absent.
    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let days: [String]
        if let one = try? values.decodeIfPresent(String.self, forKey: .days) {
            days = one.split(separator: ",").map(String.init)
        } else {
            days = try values.decodeIfPresent([String].self, forKey: .days) ?? ["mon-sun"]
        }
        self.days = []
        for entry in days {
            let ends = entry.lowercased().split(separator: "-").map { $0.filter { $0 != " " }.prefix(3) }
            let found = ends.compactMap { end in Self.names.firstIndex { $0 == end } }
            guard found.count == ends.count, (1...2).contains(found.count) else {
                throw Self.wrong(
                    decoder.codingPath + [CodingKeys.days], "must be days as mon-fri, sat, or [mon, wed]")
            }
            var day = found[0]
            self.days.insert(day)
            while day != found[found.count - 1] {
                day = (day + 1) % 7
                self.days.insert(day)
            }
        }
        func minutes(_ key: CodingKeys, _ range: ClosedRange<Int>) throws -> Int {
            let parts = try values.decode(String.self, forKey: key).split(
                separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, parts[1].count == 2, let hour = Int(parts[0]), let minute = Int(parts[1]),
                (0..<60).contains(minute), (0...24).contains(hour), range.contains(hour * 60 + minute)
            else { throw Self.wrong(decoder.codingPath + [key], "must be a time of day as \"09:00\", in quotes") }
            return hour * 60 + minute
        }
        from = try minutes(.from, 0...1439)
        to = try minutes(.to, 0...1440)
    }

    static func wrong(_ path: [any CodingKey], _ message: String) -> DecodingError {
        .dataCorrupted(.init(codingPath: path, debugDescription: message))
    }
}
