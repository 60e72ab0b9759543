package import CPluginABI

/// One label, as it crosses.
private struct Label: ABIValue {
    var name: String
    var value: String

    func cForm(in arena: inout Arena) -> conductor_label {
        conductor_label(
            struct_size: UInt32(sizeOf: conductor_label.self), flags: 0, name: arena.slice(name),
            value: arena.slice(value))
    }

    init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    init(_ form: conductor_label) throws(PluginError) {
        self.init(name: String(form.name), value: String(form.value))
    }
}

extension MetricSample: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_metric {
        conductor_metric(
            struct_size: UInt32(sizeOf: conductor_metric.self), kind: kind.rawValue, name: arena.slice(name),
            labels: arena.array(labels.map { Label(name: $0.key, value: $0.value) }), value: value)
    }

    package init(_ form: conductor_metric) throws(PluginError) {
        guard let kind = Kind(rawValue: form.kind) else { throw unknownNumber("metric kind", form.kind) }
        let labels = try [Label](form.labels).map { ($0.name, $0.value) }
        self.init(
            kind, name: String(form.name), labels: Dictionary(labels) { _, last in last }, value: form.value)
    }
}
