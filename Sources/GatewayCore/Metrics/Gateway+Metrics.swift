internal import ModemKit
internal import PluginHost

extension Gateway {
    public func metrics() async -> String {
        var page = MetricsPage()
        let counts = counters.all
        func messages(_ direction: String, _ outcome: String) -> ([(String, String)], Double) {
            ([("direction", direction), ("outcome", outcome)], Double(counts[outcome] ?? 0))
        }
        page.add(
            "conductor_messages_total", "counter", "Texts since the start of this run.",
            [messages("inbound", "received"), messages("inbound", "answered")]
                + ["accepted", "delivered", "undelivered", "failed", "unknown", "cancelled", "resent"].map {
                    messages("outbound", $0)
                })
        page.add(
            "conductor_events_lost_total", "counter", "Events that a slow listener did not get.",
            [([], Double(counts["events_lost"] ?? 0))])
        page.add(
            "conductor_queue_messages", "gauge", "Texts to send, by state.",
            await outbound.counts.sorted { $0.key < $1.key }.map { ([("state", $0.key)], Double($0.value)) })
        if let failed = try? deadLetters.counts() {
            page.add(
                "conductor_dead_letters", "gauge",
                "Texts that were given up and not sent again, as far back as the journal goes.",
                FailureClass.allCases.map { ([("class", $0.rawValue)], Double(failed[$0] ?? 0)) })
        }
        let modems = fleet.modems
        page.add(
            "conductor_modem_up", "gauge", "Whether a modem is ready.",
            modems.map { ([("imei", $0.id.rawValue)], $0.state == .ready ? 1 : 0) })
        page.add(
            "conductor_modem_signal_dbm", "gauge", "Received signal.",
            modems.compactMap { modem in
                modem.signalDBm.map { ([("imei", modem.id.rawValue)], Double($0)) }
            })
        page.add(limits: await outbound.limitUse, budget: await outbound.budgetUse)
        outbound.durations.write(to: &page)
        if let lag = try? lag() {
            page.add(
                "conductor_storage_lag_messages", "gauge", "Texts and outcomes that storage does not have yet.",
                [([], Double(lag))])
        }
        // A library that no drop-in names has no figures.
        let plugins = host.reports.filter { $0.state != .unnamed }
        page.add(
            "conductor_plugin_calls_total", "counter", "Calls of a plugin's capabilities.",
            plugins.flatMap { plugin in
                [("succeeded", plugin.calls - plugin.failures), ("failed", plugin.failures)].map {
                    ([("plugin", plugin.dropIn), ("outcome", $0.0)], Double($0.1))
                }
            })
        page.add(
            "conductor_plugin_stray_completions_total", "counter", "Completions that came twice, late or for no call.",
            plugins.map { ([("plugin", $0.dropIn)], Double($0.strayCompletions)) })
        page.add(
            "conductor_plugin_restarts_total", "counter", "Starts of a plugin's worker after it had ended by itself.",
            plugins.map { ([("plugin", $0.dropIn)], Double($0.restarts)) })
        page.add(durations: plugins)
        figures.write(to: &page)
        return page.text
    }
}

extension MetricsPage {
    /// What SIMs have sent of what they may.
    mutating func add(limits: [LimitUse], budget: BudgetUse?) {
        func uses(_ value: (LimitUse) -> [(String, Int?)]) -> [([(String, String)], Double)] {
            limits.flatMap { use in
                value(use).compactMap { span, count in
                    count.map { ([("sim", use.sim), ("span", span)], Double($0)) }
                }
            }
        }
        add(
            "conductor_sim_sent_parts", "gauge", "Parts that a SIM has sent within a minute, and today.",
            uses { [("minute", $0.minute), ("day", $0.day)] })
        add(
            "conductor_sim_limit_parts", "gauge", "Parts that a SIM may send within a minute, and in a day.",
            uses { [("minute", $0.perMinute), ("day", $0.perDay)] })
        add(
            "conductor_sim_recipients", "gauge", "Numbers that a SIM has written to today.",
            limits.map { ([("sim", $0.sim)], Double($0.recipients)) })
        add(
            "conductor_sim_paused", "gauge", "Whether a SIM is paused, since its texts no longer arrive.",
            limits.map { ([("sim", $0.sim)], $0.paused == nil ? 0 : 1) })
        guard let budget else { return }
        add(
            "conductor_budget_spent_parts", "gauge", "Parts of today's budget that are used.",
            [([], Double(budget.spent))])
        add("conductor_budget_parts", "gauge", "Parts that may be sent in a day.", [([], Double(budget.perDay))])
    }

    /// A histogram of each plugin's calls.
    mutating func add(durations plugins: [PluginState]) {
        guard !plugins.isEmpty else { return }
        let name = "conductor_plugin_duration_seconds"
        begin(name, "histogram", "How long calls of a plugin's capabilities took.")
        for plugin in plugins {
            let label = ("plugin", plugin.dropIn)
            for (bound, count) in zip(PluginState.Latencies.bounds, plugin.latencies.within) {
                add("\(name)_bucket", Self.labels([label, ("le", "\(Self.seconds(bound))")]), Double(count))
            }
            add("\(name)_bucket", Self.labels([label, ("le", "+Inf")]), Double(plugin.latencies.total))
            add("\(name)_sum", Self.labels([label]), Self.seconds(plugin.latencies.sum))
            add("\(name)_count", Self.labels([label]), Double(plugin.latencies.total))
        }
    }

    private static func seconds(_ time: Duration) -> Double { time / .seconds(1) }
}
