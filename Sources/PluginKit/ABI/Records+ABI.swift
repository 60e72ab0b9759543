package import CPluginABI

extension CustomerRecord: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_record {
        conductor_record(struct_size: UInt32(sizeOf: conductor_record.self), flags: 0, json: arena.slice(json))
    }

    package init(_ form: conductor_record) throws(PluginError) { try self.init(json: String(form.json)) }
}

extension CustomerTable {
    static func named(_ slice: conductor_slice) throws(PluginError) -> CustomerTable {
        guard let table = CustomerTable(rawValue: String(slice)) else {
            throw PluginError(.unsupported, "this version does not know that table")
        }
        return table
    }
}

extension RecordQuery: ABIValue {
    private static let afterID: UInt32 = 1 << 0

    package func cForm(in arena: inout Arena) -> conductor_records_query {
        conductor_records_query(
            struct_size: UInt32(sizeOf: conductor_records_query.self), flags: after?.isID == true ? Self.afterID : 0,
            table: arena.slice(table.rawValue), after: arena.slice(after?.text), limit: limit, reserved: 0)
    }

    package init(_ form: conductor_records_query) throws(PluginError) {
        self.init(
            table: try CustomerTable.named(form.table),
            after: String(present: form.after).map { RecordKey($0, isID: form.flags.has(Self.afterID)) },
            limit: form.limit)
    }
}

/// A page of rows, as it crosses.
package struct RecordsReply: ABIValue {
    package var records: [CustomerRecord]

    package init(records: [CustomerRecord]) { self.records = records }

    package func cForm(in arena: inout Arena) -> conductor_records_reply {
        conductor_records_reply(
            struct_size: UInt32(sizeOf: conductor_records_reply.self), flags: 0, records: arena.array(records))
    }

    package init(_ form: conductor_records_reply) throws(PluginError) {
        records = try [CustomerRecord](form.records)
    }
}

extension RecordBatch: ABIValue {
    private static let replace: UInt32 = 1 << 0

    package func cForm(in arena: inout Arena) -> conductor_records_batch {
        conductor_records_batch(
            struct_size: UInt32(sizeOf: conductor_records_batch.self), flags: replaces ? Self.replace : 0,
            table: arena.slice(table.rawValue), records: arena.array(records))
    }

    package init(_ form: conductor_records_batch) throws(PluginError) {
        self.init(
            table: try CustomerTable.named(form.table), records: try [CustomerRecord](form.records),
            replaces: form.flags.has(Self.replace))
    }
}

extension RecordReply: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_records_outcome {
        conductor_records_outcome(
            struct_size: UInt32(sizeOf: conductor_records_outcome.self), flags: 0,
            outcomes: arena.array(bytes: outcomes.map(\.rawValue)), unplaced: arena.array(unplaced))
    }

    package init(_ form: conductor_records_outcome) throws(PluginError) {
        var outcomes: [Outcome] = []
        for byte in [UInt8](bytes: form.outcomes) {
            guard let outcome = Outcome(rawValue: byte) else { throw unknownNumber("a record's outcome", byte) }
            outcomes.append(outcome)
        }
        self.init(outcomes: outcomes, unplaced: try [String](form.unplaced))
    }
}
