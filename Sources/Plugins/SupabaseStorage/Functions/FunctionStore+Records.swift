internal import PluginKit

/// The CRM's tables as a whole.
extension FunctionStore {
    func records(_ query: RecordQuery, context: CallContext) async throws -> [CustomerRecord] {
        try query.check()
        let reply = try await askKnown("conductor_records", context) { json in
            json.member("table", query.table.rawValue)
            json.member("after", query.after?.text)
            json.member("after_id", query.after?.isID == true)
            json.member("limit", query.limit)
        }
        guard let rows = reply["records"].elements else { throw Refusal.garbled(200) }
        return try rows.map { row in
            guard case .object(let members) = row else { throw Refusal.garbled(200) }
            return try CustomerRecord(members.mapValues(RecordValue.init)).canonical(in: query.table)
        }
    }

    /// Rows that have a key, and those that have none and are known by their id, are two requests: in a project each is a
    /// transaction.
    func putRecords(_ batch: RecordBatch, context: CallContext) async throws -> RecordReply {
        let (records, keys) = try batch.checked()
        var outcomes = [RecordReply.Outcome](repeating: .kept, count: records.count)
        var unplaced: Set<String> = []
        for byID in [false, true] {
            let part = records.indices.filter { keys[$0].isID == byID }
            if part.isEmpty { continue }
            let reply = try await askKnown("conductor_put_records", context) { json in
                json.member("table", batch.table.rawValue)
                json.member("by_id", byID)
                json.member("replace", batch.replaces)
                json.array("records") { json in
                    for index in part { Self.write(records[index], to: &json) }
                }
            }
            guard let found = reply["outcomes"].elements, found.count == part.count else { throw Refusal.garbled(200) }
            for (index, value) in zip(part, found) {
                guard let number = value.integer,
                    let outcome = UInt8(exactly: number).flatMap(RecordReply.Outcome.init(rawValue:))
                else { throw Refusal.garbled(200) }
                outcomes[index] = outcome
            }
            unplaced.formUnion((reply["unplaced"].elements ?? []).compactMap(\.text))
        }
        return RecordReply(outcomes: outcomes, unplaced: unplaced.sorted())
    }

    private static func write(_ record: CustomerRecord, to json: inout JSONWriter) {
        json.object { json in
            for (name, value) in record.fields {
                switch value {
                // The row gets one of its own.
                case .null where name == "id": break
                case .null: json.element(.null, key: name)
                case .flag(let value): json.member(name, value)
                case .number(let text), .json(let text): json.element(.decimal(text), key: name)
                case .text(let text): json.member(name, text)
                }
            }
        }
    }

    private func askKnown(
        _ name: String, _ context: CallContext, _ members: (inout JSONWriter) -> Void
    ) async throws -> JSONValue {
        do {
            return try await ask(name, context, members)
        } catch let refusal as Refusal where refusal.code == "0A000" {
            throw PluginError(
                .unsupported,
                "a table of the project's customers has a key of another type than programs know (id is a uuid, "
                    + "transaction_id a whole number, sku a text): it cannot be copied")
        } catch let refusal as Refusal where refusal.code == "PGRST202" || refusal.code == "42883" {
            throw PluginError(
                .unsupported,
                "the project's migration is from before customers could be copied: run `conductor storage migrate`")
        }
    }
}

extension RecordValue {
    init(_ value: JSONValue) {
        switch value {
        case .null: self = .null
        case .bool(let value): self = .flag(value)
        case .integer(let number): self = .number(String(number))
        case .decimal(let text): self = .number(text)
        case .string(let text): self = .text(text)
        case .array, .object: self = .json(value.written)
        }
    }
}
