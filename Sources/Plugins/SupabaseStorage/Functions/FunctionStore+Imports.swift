import PluginKit

/// Files of the till's.
extension FunctionStore {
    func importRows(_ batch: ImportBatch, context: CallContext) async throws -> ImportReply {
        let reply = try await askNewer("conductor_import_rows", context) { json in
            json.member("import_id", batch.importID)
            json.member("sequence", batch.sequence)
            json.member("today", batch.today)
            json.member("dry", batch.isDry)
            json.array("sections") { json in
                for section in batch.sections { json.object { Self.write(section, to: &$0) } }
            }
        }
        guard let numbers = reply["outcomes"].elements else { throw Refusal.garbled(200) }
        return ImportReply(
            outcomes: try numbers.map { number in
                guard let byte = number.integer.flatMap(UInt8.init(exactly:)),
                    let outcome = ImportReply.Outcome(byte: byte)
                else { throw Refusal.garbled(200) }
                return outcome
            })
    }

    func endImport(_ end: ImportEnd, context: CallContext) async throws -> [ImportTableChange] {
        guard end.what == .complete else {
            throw PluginError(
                .unsupported,
                "a Supabase project does not keep what was there before an import: take it back from a backup of the project"
            )
        }
        _ = try await askNewer("conductor_end_import", context) { $0.member("import_id", end.importID) }
        return []
    }

    private static func write(_ section: ImportSection, to json: inout JSONWriter) {
        json.member("table", section.table.rawValue)
        json.member("fills", section.fills)
        json.array("columns") { json in section.columns.forEach { json.element($0) } }
        json.array("rows") { json in
            for row in 0..<section.count {
                json.array { json in for value in section[row] { write(value, to: &json) } }
            }
        }
    }

    private static func write(_ value: ImportValue, to json: inout JSONWriter) {
        switch value {
        case .absent: json.element(.null)
        case .text(let text), .day(let text): json.element(text)
        case .count(let number): json.element(.integer(number))
        case .money(let micros): json.element(.decimal(Millionths.text(micros)))
        case .flag(let flag): json.element(.bool(flag))
        }
    }
}
