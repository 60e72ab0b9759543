import PluginKit

/// Files of the till's.
extension FunctionStore {
    func importRows(_ batch: ImportBatch, context: CallContext) async throws -> ImportReply {
        let reply = try await askImport("conductor_import_rows", context) { json in
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
        _ = try await askImport("conductor_end_import", context) { $0.member("import_id", end.importID) }
        return []
    }

    func list(_ query: ListQuery, context: CallContext) async throws -> ListPage {
        let (order, isDescending) = try query.checked()
        let reply = try await askImport("conductor_crm_list", context) { json in
            json.member("list", query.list.rawValue)
            json.member("order", order)
            json.member("descending", isDescending)
            json.member("after", query.after)
            json.member("limit", query.limit)
            json.object("filters") { json in
                for (name, value) in query.filters.sorted(by: { $0.key < $1.key }) { json.member(name, value) }
            }
        }
        guard let rows = reply["rows"].elements else { throw Refusal.garbled(200) }
        return ListPage(
            rows: try rows.map { row in
                guard case .object(let members) = row else { throw Refusal.garbled(200) }
                return CustomerRecord(members.mapValues(RecordValue.init))
            }, next: reply["next"].text)
    }

    func changeCustomers(_ change: CustomerChange, context: CallContext) async throws -> CustomerDifferences {
        let reply = try await askImport("conductor_change_customers", context) { json in
            json.member("preview", change.isPreview)
            switch change.what {
            case .merge(let into, let others):
                json.member("what", "merge")
                json.array("customers") { json in for id in [into] + others { json.element(id) } }
            case .recount(let after, let limit, let lowers):
                json.member("what", "recount")
                json.member("after", after)
                json.member("limit", limit)
                json.member("lower", lowers)
            case .rules(let rules):
                json.member("what", "rules")
                json.object("rules") { json in
                    for (rule, value) in rules.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                        json.member(rule.rawValue, value)
                    }
                }
            }
        }
        guard let rows = reply["differences"].elements else { throw Refusal.garbled(200) }
        return CustomerDifferences(
            try rows.map { row in
                guard let column = row["column"].text else { throw Refusal.garbled(200) }
                return CustomerDifference(
                    customer: row["customer"].text, name: row["name"].text, column: column, before: row["before"].text,
                    after: row["after"].text, stays: row["stays"].truth)
            }, next: reply["next"].text)
    }

    func refreshCustomers(context: CallContext) async throws -> Bool {
        let reply = try await askImport("conductor_refresh_customers", context) { $0.member("limit", 500) }
        return reply["more"].truth
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

    private func askImport(
        _ name: String, _ context: CallContext, _ members: (inout JSONWriter) -> Void
    ) async throws -> JSONValue {
        do {
            return try await ask(name, context, members)
        } catch let refusal as Refusal where refusal.code == "PGRST202" || refusal.code == "42883" {
            throw PluginError(
                .unsupported, "the project's migration is from before this was built: run `conductor storage migrate`")
        }
    }
}
