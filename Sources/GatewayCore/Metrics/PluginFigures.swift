internal import PluginKit
internal import Synchronization

/// Plugins' own figures: counters, gauges and histograms, each a bounded number of series a plugin.
final class PluginFigures: Sendable {
    static let seriesLimit = 200
    static let labelLimit = 8
    /// Upper bounds of a histogram's buckets; seconds where a time is observed.
    static let bounds: [Double] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    private struct Series {
        /// Of a counter or gauge.
        var value = 0.0
        /// How many observations were at most each bound.
        var buckets: [Int] = []
        var count = 0
        var sum = 0.0
    }

    private struct State {
        /// By name: its kind, and its series by their labels as they are printed.
        var families: [String: (kind: MetricSample.Kind, series: [String: Series])] = [:]
        /// Series of each plugin.
        var counts: [String: Int] = [:]
        /// What was told of each plugin.
        var told: [String: Set<String>] = [:]
    }

    private let state = Mutex(State())

    /// Takes a figure.
    ///
    /// - Returns: why not, the first time for this plugin and reason.
    func record(_ sample: MetricSample, plugin: String) -> String? {
        let problem = Self.flaw(of: sample)
        var sample = sample
        // As Prometheus wants it, and so that `texts` and `texts_total` are one.
        if sample.kind == .counter, !sample.name.hasSuffix("_total") { sample.name += "_total" }
        let labels = problem == nil ? Self.text(sample.labels, plugin: plugin) : ""
        return state.withLock { [sample] state in
            let problem = problem ?? Self.take(sample, plugin: plugin, labels: labels, &state)
            guard let problem, state.told[plugin, default: []].insert(problem).inserted else { return nil }
            return problem
        }
    }

    private static func take(
        _ sample: MetricSample, plugin: String, labels: String, _ state: inout State
    ) -> String? {
        var family = state.families[sample.name] ?? (sample.kind, [:])
        guard family.kind == sample.kind else { return "the figure \(sample.name) has another kind already" }
        if family.series[labels] == nil {
            guard state.counts[plugin, default: 0] < seriesLimit else {
                return "the plugin has more than \(seriesLimit) series: labels must not have many values"
            }
            state.counts[plugin, default: 0] += 1
        }
        // Not copied while it is changed.
        state.families[sample.name] = nil
        var series = family.series.removeValue(forKey: labels) ?? Series()
        switch sample.kind {
        case .counter: series.value += sample.value
        case .gauge: series.value = sample.value
        case .histogram:
            if series.buckets.isEmpty { series.buckets = Array(repeating: 0, count: bounds.count) }
            for (index, bound) in bounds.enumerated() where sample.value <= bound { series.buckets[index] += 1 }
            series.count += 1
            series.sum += sample.value
        }
        family.series[labels] = series
        state.families[sample.name] = family
        return nil
    }

    /// What the gateway itself says of each plugin.
    private static let reserved: Set<String> = [
        "calls_total", "restarts_total", "stray_completions_total", "duration_seconds",
    ]

    private static func flaw(of sample: MetricSample) -> String? {
        guard !reserved.contains(sample.name), sample.kind != .counter || !reserved.contains(sample.name + "_total")
        else {
            return "the figure \(sample.name) is the gateway's own: choose another name"
        }
        guard isName(sample.name) else { return "the name of a figure must be lower-case letters, digits and _" }
        let isTotal = sample.name.hasSuffix("_total") && sample.kind != .counter
        guard !isTotal, !["_bucket", "_count", "_sum"].contains(where: { sample.name.hasSuffix($0) }) else {
            return "the figure \(sample.name) has an end that is not for its kind"
        }
        guard sample.labels.count <= labelLimit else { return "the figure \(sample.name) has too many labels" }
        for (name, value) in sample.labels {
            guard isName(name), name != "plugin", name != "le" else {
                return "the figure \(sample.name) has a label with a name that none may have"
            }
            guard value.utf8.count <= 128 else { return "the figure \(sample.name) has a label that is too long" }
        }
        guard sample.value.isFinite, sample.kind != .counter || sample.value >= 0 else {
            return "the figure \(sample.name) has a value that none may have"
        }
        return nil
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, (0x61...0x7A).contains(first), name.utf8.count <= 64 else { return false }
        return name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
    }

    private static func text(_ labels: [String: String], plugin: String) -> String {
        MetricsPage.labels([("plugin", plugin)] + labels.sorted { $0.key < $1.key })
    }

    /// All of them, for `/metrics`.
    func write(to page: inout MetricsPage) {
        for (name, family) in state.withLock({ $0.families }).sorted(by: { $0.key < $1.key }) {
            let full = "conductor_plugin_" + name
            let kind =
                switch family.kind {
                case .counter: "counter"
                case .gauge: "gauge"
                case .histogram: "histogram"
                }
            page.begin(full, kind, "A figure of a plugin's own.")
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                guard family.kind == .histogram else {
                    page.add(full, labels, series.value)
                    continue
                }
                let inner = labels.dropFirst().dropLast()
                for (bound, count) in zip(Self.bounds, series.buckets) {
                    page.add(full + "_bucket", "{\(inner),le=\"\(bound)\"}", Double(count))
                }
                page.add(full + "_bucket", "{\(inner),le=\"+Inf\"}", Double(series.count))
                page.add(full + "_sum", labels, series.sum)
                page.add(full + "_count", labels, Double(series.count))
            }
        }
    }
}
