public import CRMImport
internal import PluginKit
internal import Synchronization

extension Gateway {
    public func beginImport(_ start: ImportStart) async throws(GatewayError) -> ImportReport {
        try refuseWhileObserving()
        return try await customerImports.begin(start)
    }

    public func appendImport(_ number: Int, _ bytes: [UInt8], at offset: Int) async throws(GatewayError) -> ImportReport
    {
        try await customerImports.append(number, bytes, at: offset)
    }

    public func checkImport(_ number: Int, _ wish: ImportWish?) async throws(GatewayError) -> ImportCheck {
        try await customerImports.check(number, wish)
    }

    public func runImport(_ number: Int, _ run: ImportRun) async throws(GatewayError) -> ImportReport {
        if run.dryRun != true { try refuseWhileObserving() }
        guard storageWork.withLock({ $0 != .switching }) else {
            throw GatewayError(.refused, "storage is being switched: import afterwards")
        }
        return try await customerImports.run(number, run)
    }

    public func allImports() async -> [ImportReport] { await customerImports.reports() }

    public func importReport(_ number: Int) async throws(GatewayError) -> ImportReport {
        try await customerImports.report(number)
    }

    public func importRejects(_ number: Int, from offset: Int, most: Int) async throws(GatewayError) -> [UInt8] {
        try await customerImports.rejects(number, from: offset, most: most)
    }

    public func removeImport(_ number: Int) async throws(GatewayError) {
        try await customerImports.remove(import: number)
    }

    public func undoImport(_ number: Int, dryRun: Bool) async throws(GatewayError) -> ImportUndoReport {
        if !dryRun { try refuseWhileObserving() }
        return try await customerImports.undo(number, dryRun: dryRun)
    }
}
