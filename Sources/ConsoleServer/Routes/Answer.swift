import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore

/// Bodies in and out, as `APICoding` has them.
enum Answer {
    /// Texts have at most 255 parts: a megabyte is more than any honest request.
    static let largestBody = 1 << 20

    static func json(
        _ value: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) throws -> Response {
        var fields = headers
        fields[.contentType] = "application/json"
        return Response(
            status: status, headers: fields,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: try APICoding.encode(value))))
    }

    static func read<Value: RequestBody>(_ type: Value.Type, from request: Request) async throws -> Value {
        let body = try await request.body.collect(upTo: largestBody)
        do {
            // First, for a key that is misspelt is missing, too.
            if let flaw = BodyKeys.flaw(of: body.readableBytesView, as: type) { throw invalid(flaw) }
            return try APICoding.decode(type, from: body.readableBytesView)
        } catch let error as DecodingError {
            throw invalid(describe(error))
        }
    }

    /// For requests that say all they have to say in their address: no body, or `{}`.
    static func readNothing(from request: Request) async throws {
        let body = try await request.body.collect(upTo: largestBody)
        guard body.readableBytes > 0 else { return }
        if let flaw = BodyKeys.flaw(of: body.readableBytesView, as: EmptyBody.self) { throw invalid(flaw) }
    }

    private static func invalid(_ detail: String) -> Problem {
        Problem(status: 400, title: "Bad Request", code: "invalid", detail: detail)
    }

    /// Names the key, never the value: it may be a person's.
    private static func describe(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, _): "the body lacks \"\(APICoding.snakeCase(key.stringValue))\""
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "\"\(path(context))\" has the wrong type"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty
                ? "the body is not JSON"
                : "\"\(path(context))\" cannot be read"
                    + (context.debugDescription.hasPrefix("a time") ? ": \(context.debugDescription)" : "")
        @unknown default: "the body cannot be read"
        }
    }

    private static func path(_ context: DecodingError.Context) -> String {
        context.codingPath.map { APICoding.snakeCase($0.stringValue) }.joined(separator: ".")
    }
}
