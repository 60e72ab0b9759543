import PluginKit
import PluginTestKit
import SupabaseStandin
import Testing

@testable import SupabaseStorage

@Suite("Supabase storage keeps the contract", .enabled(if: Standin.isPossible), .timeLimit(.minutes(5)))
struct SupabaseContractTests {
    @Test("by the functions of the migration", arguments: StorageContract.rules)
    func functions(_ rule: ContractRule<any StorageRig>) async throws {
        let rig = try await SupabaseRig(.migrated)
        try await rule.check(rig)
        await rig.storage.stop()
    }

    @Test("on old tables as they are", arguments: StorageContract.rules)
    func oldTables(_ rule: ContractRule<any StorageRig>) async throws {
        let rig = try await SupabaseRig(.oldTables)
        try await rule.check(rig)
        await rig.storage.stop()
    }
}
