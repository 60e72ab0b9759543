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
                + ["accepted", "delivered", "undelivered", "failed", "unknown"].map { messages("outbound", $0) })
        page.add(
            "conductor_events_lost_total", "counter", "Events that a slow listener did not get.",
            [([], Double(counts["events_lost"] ?? 0))])
        page.add(
            "conductor_queue_messages", "gauge", "Texts to send, by state.",
            await outbound.counts.sorted { $0.key < $1.key }.map { ([("state", $0.key)], Double($0.value)) })
        let modems = fleet.modems
        page.add(
            "conductor_modem_up", "gauge", "Whether a modem is ready.",
            modems.map { ([("imei", $0.id.rawValue)], $0.state == .ready ? 1 : 0) })
        page.add(
            "conductor_modem_signal_dbm", "gauge", "Received signal.",
            modems.compactMap { modem in
                modem.signalDBm.map { ([("imei", modem.id.rawValue)], Double($0)) }
            })
        if let lag = try? lag() {
            page.add(
                "conductor_storage_lag_messages", "gauge", "Texts and outcomes that storage does not have yet.",
                [([], Double(lag))])
        }
        let plugins = host.reports
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
        figures.write(to: &page)
        return page.text
    }
}
