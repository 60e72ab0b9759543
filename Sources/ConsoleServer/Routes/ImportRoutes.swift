import CRMImport
import GatewayCore
import HTTPTypes
import Hummingbird
import NIOCore

/// `/api/v1/imports`: files of the till's.
struct ImportRoutes {
    let control: any GatewayControl

    /// Bytes of a file that come, or go, at once.
    private static let most = 4 << 20

    func add(to router: RouterGroup<BasicRequestContext>) {
        let imports = router.group("imports")
        imports.get { _, _ in try Answer.json(ImportList(imports: await control.allImports())) }
        imports.post { request, _ in
            let start = try await Answer.read(ImportStart.self, from: request)
            return try Answer.json(try await control.beginImport(start), status: .created)
        }
        imports.get(":number") { _, context in
            try Answer.json(try await control.importReport(Self.number(context)))
        }
        imports.delete(":number") { _, context in
            try await control.removeImport(Self.number(context))
            return Response(status: .noContent)
        }
        imports.put(":number/file") { request, context in
            let offset = try Self.offset(request)
            let body = try await request.body.collect(upTo: Self.most)
            return try Answer.json(
                try await control.appendImport(Self.number(context), Array(body.readableBytesView), at: offset))
        }
        imports.post(":number/check") { request, context in
            let wish = try await Answer.read(ImportWish.self, from: request)
            return try Answer.json(try await control.checkImport(Self.number(context), wish))
        }
        imports.post(":number/run") { request, context in
            let run = try await Answer.read(ImportRun.self, from: request)
            return try Answer.json(try await control.runImport(Self.number(context), run), status: .accepted)
        }
        imports.get(":number/rejects") { request, context in
            let bytes = try await control.importRejects(
                Self.number(context), from: try Self.offset(request), most: Self.most)
            return Response(
                status: .ok, headers: [.contentType: "text/csv; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        }
        imports.post(":number/undo") { request, context in
            let wish = try await Answer.read(ErasureWish.self, from: request)
            return try Answer.json(try await control.undoImport(Self.number(context), dryRun: wish.dryRun))
        }
    }

    private static func number(_ context: BasicRequestContext) throws -> Int {
        guard let number = context.parameters.get("number", as: Int.self), number > 0 else {
            throw GatewayError(.invalid, "an import is named by its number")
        }
        return number
    }

    private static func offset(_ request: Request) throws -> Int {
        for (key, _) in request.uri.queryParameters where key != "offset" {
            throw GatewayError(.invalid, "unknown query parameter \"\(key)\"; known: offset")
        }
        guard let text = request.uri.queryParameters["offset"] else { return 0 }
        guard let offset = Int(text), offset >= 0 else {
            throw GatewayError(.invalid, "the query parameter \"offset\" is a number of bytes, from 0")
        }
        return offset
    }
}
