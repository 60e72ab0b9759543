import GatewayCore
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// Turns every error of a route into problem details; what the route returned otherwise stays.
struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
    @concurrent func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            return Self.response(to: error, logger: context.logger)
        }
    }

    static func response(to error: any Error, logger: Logger) -> Response {
        let problem = problem(of: error, logger: logger)
        let body = (try? APICoding.encode(problem)) ?? []
        return Response(
            status: .init(code: problem.status),
            headers: [.contentType: "application/problem+json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    private static func problem(of error: any Error, logger: Logger) -> Problem {
        switch error {
        case let problem as Problem: return problem
        case let error as GatewayError: return Problem(error)
        case let error as HTTPError:
            let code = error.status.code == 404 ? "not_found" : "invalid"
            return Problem(
                status: error.status.code, title: error.status.reasonPhrase, code: code,
                detail: error.body ?? (error.status.code == 404 ? "there is nothing at this path" : "bad request"))
        default:
            logger.error("a request failed", metadata: ["error": "\(error)"])
            return Problem(
                status: 500, title: "Internal Server Error", code: "internal",
                detail: "the gateway failed at this request; its log says why")
        }
    }
}

extension Problem {
    /// The gateway's refusals in HTTP's words.
    init(_ error: GatewayError) {
        switch error.code {
        case .invalid: self.init(status: 400, title: "Bad Request", code: "invalid", detail: error.message)
        case .notFound: self.init(status: 404, title: "Not Found", code: "not_found", detail: error.message)
        case .refused: self.init(status: 409, title: "Conflict", code: "refused", detail: error.message)
        case .unavailable:
            self.init(status: 503, title: "Service Unavailable", code: "unavailable", detail: error.message)
        }
    }
}
