import Foundation
import PluginKit
import Testing

@testable import PluginHost

/// Who knows customers, in C, built with the headers of when conductor.crm/1 was frozen: each field crosses both ways.
@Suite(.enabled(if: CFixture.compiler != nil, "no C compiler: fixtures cannot be built"), .timeLimit(.minutes(2)))
struct FrozenDirectoryTests {
    private static let isolations = ["inproc", "process"]
    private static let fixture = CFixture.root.appendingPathComponent("Tests/Fixtures/crm-1.0").path

    /// Every struct that crosses has more at its tail, and what is written there is not zero.
    private static let newer =
        [
            ("#define CONDUCTOR_ABI_MINOR 1", "#define CONDUCTOR_ABI_MINOR 7"),
            ("reply = {.struct_size = sizeof reply", "reply = {.future = {-1, -1, -1}, .struct_size = sizeof reply"),
        ]
        + [
            "customer", "purchase", "purchase_item", "product", "customer_query", "customers_reply", "customer_search",
            "record", "records_query", "records_reply", "records_batch", "records_outcome", "import_section",
            "import_batch", "import_outcome", "import_end", "import_table", "import_summary", "named_value",
            "list_query",
            "list_page", "customer_change", "customer_difference", "customer_differences", "crm", "call", "error",
            "host",
        ].map { ("} conductor_\($0);", "    int64_t future[3];\n} conductor_\($0);") }

    private static func build(
        in folder: String, todaysHeaders: Bool = false, replacing changes: [(String, String)] = []
    ) throws -> String {
        let names = ["plugin", "services", "storage", "crm"].map { "include/conductor_\($0).h" } + ["directory.c"]
        let place = "\(folder)/directory"
        try FileManager.default.createDirectory(atPath: place + "/include", withIntermediateDirectories: true)
        var texts = try names.map { name in
            let isTodays = todaysHeaders && name.hasPrefix("include/")
            let path = isTodays ? CFixture.include + name.dropFirst("include".count) : "\(fixture)/\(name)"
            return try String(contentsOfFile: path, encoding: .utf8)
        }
        for (old, new) in changes {
            try #require(texts.contains { $0.contains(old) }, "\(old)")
            texts = texts.map { $0.replacingOccurrences(of: old, with: new) }
        }
        for (name, text) in zip(names, texts) {
            try text.write(toFile: "\(place)/\(name)", atomically: true, encoding: .utf8)
        }
        try CFixture.compile(["\(place)/directory.c", "-I", place + "/include"], to: place + "/directory.so")
        return place + "/directory.so"
    }

    private func withDirectory(
        _ isolation: String, todaysHeaders: Bool = false, replacing changes: [(String, String)] = [],
        _ body: (CustomersHandle) async throws -> Void
    ) async throws {
        let workshop = try Workshop()
        let library = try Self.build(in: workshop.folder, todaysHeaders: todaysHeaders, replacing: changes)
        try workshop.write("10-directory.yaml", "plugin: \(library)\nisolation: \(isolation)\n")
        let host = await workshop.started()
        #expect(host.reports.map(\.problem) == [nil])
        try await body(try #require(host.customers))
        await host.stop()
    }

    @Test("every function, with the frozen headers and with today's", arguments: isolations, [false, true])
    func everything(isolation: String, todaysHeaders: Bool) async throws {
        try await withDirectory(isolation, todaysHeaders: todaysHeaders, Self.askAll)
    }

    @Test("one of a newer contract", arguments: isolations)
    func newerPeer(isolation: String) async throws {
        try await withDirectory(isolation, replacing: Self.newer, Self.askAll)
    }

    @Test("one that only looks up says so of the rest", arguments: isolations)
    func olderPeer(isolation: String) async throws {
        let older = (".struct_size = sizeof crm,", ".struct_size = offsetof(conductor_crm, search),")
        try await withDirectory(isolation, replacing: [older]) { directory in
            let found = try await directory.customers(CustomerQuery(phone: "+1"))
            #expect(found.count == 2)
            for call in [
                { _ = try await directory.search(CustomerSearch(words: "w")) },
                { _ = try await directory.records(RecordQuery(table: .staff)) },
                { _ = try await directory.list(ListQuery(.staff)) },
                { _ = try await directory.change(CustomerChange(.rules([:]))) },
                { _ = try await directory.endImport(ImportEnd(importID: "i", what: .undo)) },
            ] as [() async throws -> Void] {
                let error = await #expect(throws: PluginError.self) { try await call() }
                #expect(error?.code == .unsupported, "\(error?.message ?? "")")
            }
        }
    }

    private static func askAll(_ directory: CustomersHandle) async throws {
        let found = try await directory.customers(CustomerQuery(phone: "+16195550101", purchases: 7))
        let item = PurchaseItem(quantity: 2, product: Product(sku: "T1", name: "Tea"))
        #expect(
            found == [
                Customer(
                    id: "a", phone: "+16195550101", visitCount: 16, lifetimeValueMicros: 5_000_000, vipStatus: "VIP",
                    purchases: [Purchase(number: 7, items: [item])]), Customer(id: "b"),
            ])
        #expect(
            try await directory.search(CustomerSearch(words: "ana g", limit: 9)) == [Customer(id: "9", name: "ana g")])
        let place = RecordKey("k", isID: true)
        #expect(
            try await directory.records(RecordQuery(table: .products, after: place, limit: 5)) == [
                CustomerRecord(["name": .text("products k 1"), "visit_count": .number("5")])
            ])
        let record = CustomerRecord(["id": .text("x")])
        #expect(
            try await directory.putRecords(RecordBatch(table: .staff, records: [record, record], replaces: true))
                == RecordReply(outcomes: [.changed, .changed], unplaced: [#"{"id":"x"}"#]))
        let section = ImportSection(
            table: .customers, columns: ["name", "email"],
            values: [.text("ab"), .absent, .count(2), .absent, .absent, .absent, .flag(true), .money(micros: 1)])
        #expect(
            try await directory.importRows(
                ImportBatch(importID: "i", sequence: 3, today: "2026-11-30", sections: [section])
            ).outcomes == [.init(.inserted), .init(.updated), .init(.keyless), .init(.updated, isLoose: true)])
        let conflict = await #expect(throws: PluginError.self) {
            try await directory.importRows(
                ImportBatch(importID: "i", sequence: 4, today: "2026-11-30", sections: [section], isDry: true))
        }
        #expect(conflict?.code == .conflict && conflict?.message == "i 4 2026-11-30 1")
        #expect(
            try await directory.endImport(ImportEnd(importID: "abc", what: .foresee)) == [
                ImportTableChange(table: .staff, removed: 2, restored: 3, left: .max)
            ])
        let query = ListQuery(.products, filters: ["brand": "b"], order: "sku", isDescending: true, limit: 4)
        #expect(
            try await directory.list(query)
                == ListPage(
                    rows: [CustomerRecord(["name": .text("products brand=b sku - 3"), "count": .number("4")])],
                    next: "next"))
        func asked(_ what: CustomerChange.What, isPreview: Bool = false) async throws -> CustomerDifferences {
            try await directory.change(CustomerChange(what, isPreview: isPreview))
        }
        let merged = try await asked(.merge(into: "a", others: ["b", "c"]), isPreview: true)
        let preview = CustomerDifference(
            customer: "a", column: "name", before: "1 of 3 a 0 - ", after: "preview", stays: true)
        #expect(merged == CustomerDifferences([preview]))
        let counted = try await asked(.recount(after: "p", limit: 8, lowers: true))
        let lower = CustomerDifference(customer: "a", column: "name", before: "2 of 0  8 p ", after: nil)
        #expect(counted == CustomerDifferences([lower], next: "p"))
        let ruled = try await asked(.rules([.zone: "UTC"]))
        #expect(ruled.differences.map(\.before) == ["3 of 0 zone 0 - UTC"])
    }
}
