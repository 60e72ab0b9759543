import GatewayCore
import Hummingbird

/// `/api/v1/storage`.
struct StorageRoutes {
    let control: any GatewayControl

    func add(to router: RouterGroup<BasicRequestContext>) {
        router.get("storage") { _, _ in
            try Answer.json(await control.storageReport())
        }
        router.post("storage/backup") { request, _ in
            let wanted = try await Answer.read(BackupRequest.self, from: request)
            return try Answer.json(try await control.backup(wanted))
        }
        router.post("storage/import") { request, _ in
            let part = try await Answer.read(TextImport.self, from: request)
            return try Answer.json(try await control.importTexts(part))
        }
        router.post("storage/archive/page") { request, _ in
            let wanted = try await Answer.read(ArchivePageRequest.self, from: request)
            return try Answer.json(try await control.archivePage(wanted))
        }
        router.post("storage/archive/remove") { request, _ in
            let removal = try await Answer.read(ArchiveRemoval.self, from: request)
            return try Answer.json(try await control.removeArchived(removal))
        }
        router.post("storage/forget") { request, _ in
            let wanted = try await Answer.read(StorageForgetRequest.self, from: request)
            return try Answer.json(try await control.forgetStorage(wanted))
        }
        router.post("storage/switch") { request, _ in
            let wanted = try await Answer.read(StorageSwitchRequest.self, from: request)
            return try Answer.json(try await control.switchStorage(wanted))
        }
    }
}
