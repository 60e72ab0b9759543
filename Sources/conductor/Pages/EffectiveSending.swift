import GatewayCore

/// When and how much is sent, as it takes effect, in the form of conductor.yaml's `policy:`.
struct EffectiveSending: Encodable, Sendable {
    /// Nil is no limit, and no window: at any time.
    struct Windows: Encodable, Sendable {
        var zone: String
        var conversation: [String]?
        var notice: [String]?
        var promotion: [String]?
        var afterContactSeconds: Int64
    }

    let windows: Windows
    /// Of each, by the keys of conductor.yaml; those without limit are missing.
    let limits: [String: [String: Int]]
    let budgetPerDay: Int?
    let budgetAlarmAt: Int
    let deliveredShareLeast: Int?
    let deliveredShareParts: Int
    let deliveredShareAfterSeconds: Int64
    let maxWaitSeconds: Int64?

    private static let names: KeyValuePairs = [
        "per_sim": ["per_minute", "per_day", "recipients_per_day"], "per_recipient": ["per_minute", "per_day"],
        "per_plugin": ["per_minute", "per_day"],
    ]

    init(_ policy: Policy) {
        windows = Windows(
            zone: policy.windows.isRecipients ? "recipient" : "shop",
            conversation: policy.windows.conversation.map(Self.hours),
            notice: policy.windows.notice.map(Self.hours), promotion: policy.windows.promotion.map(Self.hours),
            afterContactSeconds: policy.windows.graceMilliseconds / 1_000)
        var limits = ["per_sim": [:], "per_recipient": [:], "per_plugin": [:]] as [String: [String: Int]]
        limits["per_sim"]?["per_minute"] = policy.limits.sim.perMinute
        limits["per_sim"]?["per_day"] = policy.limits.sim.perDay
        limits["per_sim"]?["recipients_per_day"] = policy.limits.sim.recipientsPerDay
        limits["per_recipient"]?["per_minute"] = policy.limits.recipient.perMinute
        limits["per_recipient"]?["per_day"] = policy.limits.recipient.perDay
        limits["per_plugin"]?["per_minute"] = policy.limits.plugin.perMinute
        limits["per_plugin"]?["per_day"] = policy.limits.plugin.perDay
        self.limits = limits
        budgetPerDay = policy.budget.perDay
        budgetAlarmAt = policy.budget.alarmAt
        deliveredShareLeast = policy.deliveredShare.least
        deliveredShareParts = policy.deliveredShare.parts
        deliveredShareAfterSeconds = policy.deliveredShare.afterMilliseconds / 1_000
        maxWaitSeconds = policy.maxWaitMilliseconds.map { $0 / 1_000 }
    }

    /// Lines below `policy:`.
    func yaml() -> [String] {
        func window(_ hours: [String]?) -> String {
            hours.map { "[\($0.map { "\"\($0)\"" }.joined(separator: ", "))]" } ?? "always"
        }
        func cap(_ number: Int?) -> String { number.map(String.init) ?? "off" }
        var lines = [
            "windows:", "  zone: \(windows.zone)", "  conversation: \(window(windows.conversation))",
            "  notice: \(window(windows.notice))", "  promotion: \(window(windows.promotion))",
            "  after_contact: \(windows.afterContactSeconds)s", "limits:",
        ]
        for (key, names) in Self.names {
            lines.append("  \(key): {" + names.map { "\($0): \(cap(limits[key]?[$0]))" }.joined(separator: ", ") + "}")
        }
        lines += [
            "budget: {per_day: \(cap(budgetPerDay)), alarm_at: \(budgetAlarmAt)}",
            "delivered_share: {least: \(cap(deliveredShareLeast)), parts: \(deliveredShareParts), "
                + "after: \(deliveredShareAfterSeconds)s}",
            "max_wait: \(maxWaitSeconds.map { "\($0)s" } ?? "off")",
        ]
        return lines
    }

    private static let week = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

    private static func hours(_ window: SendingWindow) -> [String] {
        window.spans.map { span in
            let days = span.days.count == 7 ? "" : span.days.sorted().map { week[$0] }.joined(separator: ",") + " "
            return days + clock(span.start) + "-" + clock(span.end)
        }
    }

    private static func clock(_ minute: Int) -> String {
        let (hour, rest) = minute.quotientAndRemainder(dividingBy: 60)
        return (hour < 10 ? "0" : "") + "\(hour):" + (rest < 10 ? "0" : "") + "\(rest)"
    }
}
