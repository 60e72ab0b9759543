import Foundation
import PluginKit
import PluginTestKit
import SupabaseStandin
import Testing

@testable import SupabaseStorage

@Suite("Customers and search in a Supabase project", .enabled(if: Standin.isPossible), .timeLimit(.minutes(2)))
struct SupabaseCustomerTests {
    private static let quick = #""timeout_ms": 600, "longest_pause_ms": 1000, "idle_poll_ms": 600000"#

    @Test("one request brings a customer with everything, by a gateway's own token, too, in a locked-down project")
    func oneRequest() async throws {
        let standin = try Standin.shared()
        let token = try standin.mint(#"{"role": "gateway", "gateway_id": "a"}"#)
        let rig = try await SupabaseRig(.lockedDown, key: standin.publishableKey, token: token, settings: Self.quick)
        try standin.psql(
            """
            insert into public.customers (id, name, phone) values
                ('00000000-0000-4000-8000-000000000001', 'Ann', '(619) 555-0101');
            insert into public.transactions (transaction_id, customer_id, total)
                select n, '00000000-0000-4000-8000-000000000001', 0.1 from generate_series(1, 12) n;
            """)
        _ = try await rig.storage.health(context: .init())
        try standin.control("DELETE", "counters")
        let found = try await rig.storage.customers(CustomerQuery(phone: "619-555-0101"), context: .init())
        #expect(found.map(\.purchases.count) == [10] && found[0].purchases[0].totalMicros == 100_000)
        #expect(found[0].lifetimeValueMicros == 1_200_000 && found[0].vipStatus == "Regular")
        let asked = try standin.control("GET", "counters")
        #expect(asked.contains("conductor_customer\": 1") || asked.contains("conductor_customer\":1"), "\(asked)")
        #expect(try await rig.storage.search(CustomerSearch(words: "an"), context: .init()).map(\.name) == ["Ann"])
        await rig.storage.stop()
    }

    @Test("wrong numbers of what is wanted are refused here")
    func limits() async throws {
        let rig = try await SupabaseRig(.migrated, settings: Self.quick)
        for purchases in [-1, 101] as [Int32] {
            let error = await #expect(throws: PluginError.self) {
                try await rig.storage.customers(CustomerQuery(phone: "x", purchases: purchases), context: .init())
            }
            #expect(error?.code == .invalid)
        }
        for limit in [0, 101] as [Int32] {
            let error = await #expect(throws: PluginError.self) {
                try await rig.storage.search(CustomerSearch(words: "x", limit: limit), context: .init())
            }
            #expect(error?.code == .invalid)
        }
        await rig.storage.stop()
    }

    @Test("where the tables of customers are gone, the look-up says so, and texts go on")
    func missingTables() async throws {
        let rig = try await SupabaseRig(.migrated, settings: Self.quick)
        try rig.standin.psql(
            "drop table public.transaction_items, public.transactions, public.customers cascade")
        try await rig.storage.put([.inbound("u1", "hello")], context: .init())
        for words in ["+16195550101", "+16195550102"] {
            let error = await #expect(throws: PluginError.self) {
                try await rig.storage.customers(CustomerQuery(phone: words), context: .init())
            }
            #expect(error?.code == .unsupported && error?.message.contains("tables customers") == true)
            #expect(error?.message.contains("0101") == false)
        }
        let error = await #expect(throws: PluginError.self) {
            try await rig.storage.search(CustomerSearch(words: "x"), context: .init())
        }
        #expect(error?.code == .unsupported)
        #expect(try await rig.storage.contact("+16195550123", context: .init()).texts == 1)
        #expect(try await rig.storage.all().map(\.uid) == ["u1"])
        await rig.storage.stop()
    }

    @Test("a project that is away is unavailable for look-ups, too, so that callers use what they know")
    func away() async throws {
        let rig = try await SupabaseRig(.migrated, settings: Self.quick)
        _ = try await rig.storage.health(context: .init())
        try rig.standin.control(
            "POST", "faults", #"[{"path": "conductor_customer", "kind": "reset_before", "next": 20}]"#)
        let error = await #expect(throws: PluginError.self) {
            try await rig.storage.customers(CustomerQuery(phone: "+16195550101"), context: .init())
        }
        #expect(error?.code == .unavailable, "\(error?.message ?? "")")
        try rig.standin.control("DELETE", "faults")
        await rig.storage.stop()
    }

    @Test("a project of before the search goes on; the search of customers says what to run, and works after it")
    func olderMigration() async throws {
        let standin = try Standin.shared()
        try standin.reset(to: .migrated)
        let folder = Folder()
        let lines = SupabaseRig.Lines()
        let search = try standin.psql(
            "select pg_get_functiondef('public.conductor_find_customers(jsonb)'::regprocedure)")
        try standin.psql(
            """
            delete from private.conductor_migrations where version > 8;
            drop function public.conductor_find_customers(jsonb);
            drop function public.conductor_records(jsonb);
            drop function public.conductor_put_records(jsonb);
            insert into public.customers (name, phone) values ('Ann', '(619) 555-0101');
            """)
        try standin.control("POST", "schema", #"{"reload": true}"#)
        let storage = try SupabaseRig.make(
            standin, folder, TestClock(), Counter(), lines, settings: Self.quick)
        let uuid = "00000000-0000-4000-8000-000000000001"
        try await storage.start()
        try await storage.put([.inbound("u1", "hello")], context: .init())
        #expect(try await storage.customers(CustomerQuery(phone: "619-555-0101"), context: .init()).count == 1)
        for _ in 1...2 {
            let error = await #expect(throws: PluginError.self) {
                try await storage.search(CustomerSearch(words: "ann"), context: .init())
            }
            #expect(error?.code == .unavailable && error?.message.contains("storage migrate") == true)
        }
        for call in [
            { _ = try await storage.records(RecordQuery(table: .staff), context: .init()) },
            {
                let batch = RecordBatch(table: .staff, records: [CustomerRecord(["id": .text(uuid)])], replaces: true)
                _ = try await storage.putRecords(batch, context: .init())
            },
        ] as [() async throws -> Void] {
            let error = await #expect(throws: PluginError.self) { try await call() }
            #expect(error?.code == .unsupported && error?.message.contains("storage migrate") == true)
        }
        #expect(lines.text.components(separatedBy: "older migration").count == 2, "\(lines.text)")
        try standin.psql(
            search + "; grant execute on function public.conductor_find_customers(jsonb) to service_role")
        try standin.control("POST", "schema", #"{"reload": true}"#)
        #expect(try await storage.search(CustomerSearch(words: "ann"), context: .init()).map(\.name) == ["Ann"])
        await storage.stop()
    }

    @Test("on old tables look-up, search and whole tables are refused, and say what to run")
    func oldTables() async throws {
        let rig = try await SupabaseRig(.oldTables, settings: Self.quick)
        let refusals = [
            await #expect(throws: PluginError.self) {
                try await rig.storage.customers(CustomerQuery(phone: "+16195550101"), context: .init())
            },
            await #expect(throws: PluginError.self) {
                try await rig.storage.search(CustomerSearch(words: "x"), context: .init())
            },
            await #expect(throws: PluginError.self) {
                try await rig.storage.messages(MessageQuery(search: "x"), context: .init())
            },
            await #expect(throws: PluginError.self) {
                try await rig.storage.records(RecordQuery(table: .customers), context: .init())
            },
            await #expect(throws: PluginError.self) {
                try await rig.storage.putRecords(
                    RecordBatch(table: .customers, records: [], replaces: false), context: .init())
            },
        ]
        for error in refusals {
            #expect(error?.code == .unsupported && error?.message.contains("storage migrate") == true)
        }
        await rig.storage.stop()
    }
}
