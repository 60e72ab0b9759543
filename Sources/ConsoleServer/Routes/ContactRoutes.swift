import Foundation
import GatewayCore
import Hummingbird

/// `/api/v1/contacts`: what is known of a person, and its end.
struct ContactRoutes {
    let control: any GatewayControl

    func add(to router: RouterGroup<BasicRequestContext>) {
        let contacts = router.group("contacts")
        contacts.get("{number}") { _, context in
            try Answer.json(try await control.contact(try Self.number(context)))
        }
        contacts.post("{number}/erase") { request, context in
            let wish = try await Answer.read(ErasureWish.self, from: request)
            let number = try Self.number(context)
            let report = try await control.eraseContact(number, dryRun: wish.dryRun)
            // What goes on by itself is accepted, not done.
            return try Answer.json(report, status: report.isFinished ? .ok : .accepted)
        }
    }

    /// A plus sign may come escaped, and spaces too.
    private static func number(_ context: BasicRequestContext) throws -> String {
        let written = try context.parameters.require("number")
        return written.removingPercentEncoding ?? written
    }
}
