extension SendingPolicy {
    /// The keys of `policy:` that are read here.
    static let keys = ["windows", "limits", "budget", "delivered_share", "max_wait"]

    /// - Parameter keys: those of `policy:`.
    init(_ keys: ConfigurationMapping) throws(ConfigurationError) {
        if let node = keys["windows"] { windows = try Windows(node) }
        if let node = keys["limits"] { limits = try Limits(node) }
        if let node = keys["budget"] {
            let keys = try node.mapping(keys: ["per_day", "alarm_at"])
            budget = try keys["per_day"]?.cap(in: 1...10_000_000)
            budgetAlarm = try keys["alarm_at"]?.integer(in: 1...100)
        }
        if let node = keys["delivered_share"] { deliveredShare = try DeliveredShare(node) }
        if let node = keys["max_wait"] {
            if node.isOff {
                maxWait = .off
            } else {
                let wait = try node.duration()
                guard wait >= .seconds(3_600) else { throw node.error("must be 1h or more, or off") }
                maxWait = .most(wait)
            }
        }
    }
}

extension SendingPolicy.Limits {
    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        if node.isOff {
            self = .off
            return
        }
        if case .scalar = node.content, !node.isNull { throw node.error("must be off, or limits by their keys") }
        let keys = try node.mapping(keys: ["per_sim", "per_recipient", "per_plugin"])
        let range = 1...1_000_000
        if let node = keys["per_sim"] {
            let caps = try node.caps(["per_minute", "per_day", "recipients_per_day"], in: range)
            (simMinute, simDay, simRecipients) = (caps[0], caps[1], caps[2])
        }
        if let node = keys["per_recipient"] {
            let caps = try node.caps(["per_minute", "per_day"], in: range)
            (recipientMinute, recipientDay) = (caps[0], caps[1])
        }
        if let node = keys["per_plugin"] {
            let caps = try node.caps(["per_minute", "per_day"], in: range)
            (pluginMinute, pluginDay) = (caps[0], caps[1])
        }
    }
}

extension SendingPolicy.DeliveredShare {
    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        if node.isOff {
            least = .off
            return
        }
        let keys = try node.mapping(keys: ["least", "parts", "after"])
        least = try keys["least"]?.cap(in: 1...100)
        parts = try keys["parts"]?.integer(in: 5...1_000)
        after = try keys["after"]?.duration()
    }
}

extension SendingPolicy.Windows {
    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        let keys = try node.mapping(keys: ["zone", "conversation", "notice", "promotion", "after_contact"])
        zone = try keys["zone"]?.word(among: ["recipient", "shop"])
        if let node = keys["conversation"] { conversation = try SendingPolicy.Window(node) }
        if let node = keys["notice"] { notice = try SendingPolicy.Window(node) }
        if let node = keys["promotion"] { promotion = try SendingPolicy.Window(node) }
        if let node = keys["after_contact"] {
            let grace = try node.duration()
            guard (.zero...(.seconds(86_400))).contains(grace) else { throw node.error("must be within 0s and 1d") }
            afterContact = grace
        }
    }
}

extension SendingPolicy.Window {
    private static let week = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

    /// `always`, or hours as `mon-fri 09:00-17:30`, one or a list of them; without days, every day.
    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        guard case .list(let elements) = node.content else {
            if try node.string() == "always" {
                self = .always
            } else {
                self = .hours([try Self.hours(node)])
            }
            return
        }
        guard !elements.isEmpty else { throw node.error("never opens: write always, or hours") }
        var spans: [SendingPolicy.Hours] = []
        for element in elements { spans.append(try Self.hours(element)) }
        self = .hours(spans)
    }

    private static func hours(_ node: ConfigurationNode) throws(ConfigurationError) -> SendingPolicy.Hours {
        let text = try node.string()
        let words = text.split(separator: " ")
        let days = words.count == 2 ? Self.days(words[0]) : Set(0...6)
        let times = words.last?.split(separator: "-", omittingEmptySubsequences: false).map(minute) ?? []
        guard (1...2).contains(words.count), let days, times.count == 2, let start = times[0], let end = times[1],
            start < 1_440
        else { throw node.error("\"\(text)\" is no window: write always, 08:00-21:00 or mon-fri 09:00-17:30") }
        return SendingPolicy.Hours(days: days, start: start, end: end)
    }

    /// `mon`, `mon-fri`, `sat,sun`; `fri-mon` goes over the week's end.
    private static func days(_ text: Substring) -> Set<Int>? {
        var days: Set<Int> = []
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = item.split(separator: "-", omittingEmptySubsequences: false).map { name in
                week.firstIndex(of: name.lowercased())
            }
            guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1] else { return nil }
            for day in first...(last < first ? last + 7 : last) { days.insert(day % 7) }
        }
        return days
    }

    private static func minute(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].utf8.count == 2, (1...2).contains(parts[0].utf8.count),
            let hour = Int(parts[0]),
            let minute = Int(parts[1]), (0...24).contains(hour), (0...59).contains(minute), hour * 60 + minute <= 1_440
        else { return nil }
        return hour * 60 + minute
    }
}

extension ConfigurationNode {
    var isOff: Bool { if case .scalar("off", _) = content { true } else { false } }

    /// A whole number within `range`, or `off`.
    func cap(in range: ClosedRange<Int>) throws(ConfigurationError) -> SendingPolicy.Cap {
        if isOff { return .off }
        guard case .scalar(let text, plain: true) = content, let number = Int(text), range.contains(number) else {
            throw error("must be a whole number from \(range.lowerBound) to \(range.upperBound), or off")
        }
        return .most(number)
    }

    /// The caps of a mapping, one for each key; all of them `off` where that stands in its place.
    fileprivate func caps(
        _ names: [String], in range: ClosedRange<Int>
    ) throws(ConfigurationError) -> [SendingPolicy.Cap?] {
        if isOff { return names.map { _ in .off } }
        let keys = try mapping(keys: names)
        var caps: [SendingPolicy.Cap?] = []
        for name in names { caps.append(try keys[name]?.cap(in: range)) }
        return caps
    }
}
