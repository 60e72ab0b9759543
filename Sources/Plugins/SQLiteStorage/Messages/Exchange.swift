internal import GRDB
internal import PluginKit

/// The one round trip of sending, inside one transaction: what finished, what begins, what may be chosen from next.
enum Exchange {
    static func run(_ request: ExchangeRequest, now: Timestamp, on db: Database) throws -> ExchangeReply {
        for outcome in request.finished {
            try Settle.finish(outcome, by: request.gateway, now: now, on: db)
        }
        let started = try request.starting.map { try Settle.start($0, by: request.gateway, now: now, on: db) }
        var staleBefore: Timestamp?
        if request.maxAgeMilliseconds > 0 {
            let since = try Contact.note(now: now, maxAge: request.maxAgeMilliseconds, on: db)
            staleBefore = Timestamp(milliseconds: since.milliseconds - request.maxAgeMilliseconds)
        }
        let claim = Claim(request: request, now: now, staleBefore: staleBefore)
        let (claimed, unfinished) = try claim.run(on: db)
        let nextDue = unfinished ? 0 : try claim.nextDue(on: db)
        return ExchangeReply(started: started, claimed: claimed, nextDueMilliseconds: nextDue)
    }
}
