import CPluginABI

/// A plugin's own figures on the gateway's `/metrics`, as `conductor_plugin_NAME{plugin="DROP-IN",…}`. Cheap, one-way, and
/// never fails; what is wrong is dropped and told in the log once. See `MetricSample` for what names may be.
public struct PluginMetrics: Sendable {
    let host: Host

    /// Adds to a counter.
    public func count(_ name: String, by amount: Double = 1, labels: [String: String] = [:]) {
        record(MetricSample(.counter, name: name, labels: labels, value: amount))
    }

    /// Sets a gauge.
    public func set(_ name: String, to value: Double, labels: [String: String] = [:]) {
        record(MetricSample(.gauge, name: name, labels: labels, value: value))
    }

    /// Puts a value, seconds where it is a time, into a histogram.
    public func observe(_ name: String, _ value: Double, labels: [String: String] = [:]) {
        record(MetricSample(.histogram, name: name, labels: labels, value: value))
    }

    private func record(_ sample: MetricSample) {
        switch host.backing {
        case .functions(let functions): functions.services.metric?(sample)
        case .table(let table):
            guard let record = table.metrics?.record else { return }
            var arena = Arena()
            record(table.raw, arena.array([sample]))
            arena.end()
        }
    }
}
