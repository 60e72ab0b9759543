import SMSCodec

/// What a text costs and why, as members of a JSON object.
enum PDUCostDescription {
    /// What a text costs.
    static func add(_ segmentation: Segmentation, to object: inout PDUJSONObject) {
        add(
            segmentation.encoding, segmentation.shift, units: segmentation.unitCount,
            parts: segmentation.parts.count, left: segmentation.unitsLeft, to: &object)
    }

    /// What makes it cost that, and what would be cheaper.
    static func add(_ report: EncodingReport, to object: inout PDUJSONObject) {
        guard !report.causes.isEmpty else { return }
        object.add(
            "why",
            report.causes.map { cause in
                var member = PDUJSONObject()
                member.add("character", cause.character)
                member.add("reason", cause.reason.rawValue)
                member.add("positions", cause.positions)
                member.add("replacement", cause.replacement)
                return member
            })
        if let advice = report.advice { object.add("advice", advice) }
        guard let text = report.suggestion, let cost = report.suggestedCost else { return }
        var member = PDUJSONObject()
        member.add("text", text)
        add(cost.encoding, cost.shift, units: cost.units, parts: cost.parts, left: cost.unitsLeft, to: &member)
        object.add("suggestion", member)
    }

    /// The cost as `conductor send --explain --json` prints it: without the parts.
    static func line(for report: EncodingReport) -> [UInt8] {
        var object = PDUJSONObject()
        let cost = report.cost
        add(cost.encoding, cost.shift, units: cost.units, parts: cost.parts, left: cost.unitsLeft, to: &object)
        add(report, to: &object)
        return object.line
    }

    private static func add(
        _ encoding: Encoding, _ shift: NationalShift, units: Int, parts: Int, left: Int, to object: inout PDUJSONObject
    ) {
        object.add("encoding", encoding.rawValue)
        if let language = shift.locking { object.add("locking_shift", language.code) }
        if let language = shift.single { object.add("single_shift", language.code) }
        object.add(encoding == .gsm7 ? "septets" : "units", units)
        object.add("parts", parts)
        object.add("units_left", left)
    }
}
