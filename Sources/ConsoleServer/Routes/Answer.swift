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

    static func read<Value: Decodable>(_ type: Value.Type, from request: Request) async throws -> Value {
        let body = try await request.body.collect(upTo: largestBody)
        do {
            return try APICoding.decode(type, from: body.readableBytesView)
        } catch let error as DecodingError {
            throw Problem(status: 400, title: "Bad Request", code: "invalid", detail: describe(error))
        }
    }

    /// Names the key, never the value: it may be a person's.
    private static func describe(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, _): "the body lacks \"\(APICoding.snakeCase(key.stringValue))\""
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "\"\(path(context))\" has the wrong type"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty ? "the body is not JSON" : "\"\(path(context))\" cannot be read"
        @unknown default: "the body cannot be read"
        }
    }

    private static func path(_ context: DecodingError.Context) -> String {
        context.codingPath.map { APICoding.snakeCase($0.stringValue) }.joined(separator: ".")
    }
}
