/// Something that a project of Supabase, or what stands before it, does to its callers for a while.
struct SupabaseFault: Sendable {
    enum Deed: Sendable {
        /// Of the stand-in (Tests/Supabase/README.md): a fault's members in JSON.
        case spoil(String)
        /// Nobody listens: connections are refused.
        case absent
        /// The network swallows what goes either way.
        case partition
        /// The database is stopped in order, or ends as a crash does.
        case database(String)
    }

    let name: String
    let deed: Deed

    private init(_ name: String, _ deed: Deed) {
        self.name = name
        self.deed = deed
    }

    /// Requests of that while go wrong with this chance.
    private static func often(_ name: String, _ members: String) -> Self {
        Self(name, .spoil("\(members), \"probability\": 0.7"))
    }

    private static func always(_ name: String, _ members: String) -> Self {
        Self(name, .spoil("\(members), \"probability\": 1"))
    }

    private static func status(_ status: Int, done: Bool = false) -> Self {
        often("\(status)\(done ? " after the work" : "")", "\"status\": \(status)\(done ? ", \"done\": true" : "")")
    }

    private static func coded(_ status: Int, _ code: String) -> Self {
        let body = #"{\"code\":\"\#(code)\",\"details\":null,\"hint\":null,\"message\":\"spoilt\"}"#
        return often("\(status) \(code)", "\"status\": \(status), \"body\": \"\(body)\"")
    }

    /// What a caller waits at most is a second (`timeout_ms`).
    static let all: [SupabaseFault] =
        [
            // What the key, the account and the address can be wrong in, for a while.
            always("401", #""status": 401"#), coded(401, "PGRST303"), always("402", #""status": 402"#),
            always("404", #""status": 404"#), coded(404, "PGRST202"), coded(403, "42501"),
            // The database's own words.
            status(409), coded(500, "40P01"), coded(500, "53100"), coded(405, "25006"), status(500), status(503),
            // Too many.
            often("429", #""status": 429, "retry_after": 1"#),
            often("503 for a second", #""status": 503, "retry_after": 1"#),
            // What stands before it, in pages and in JSON; the work may have been done all the same.
            status(502), status(502, done: true), status(504), status(504, done: true), status(520),
            status(520, done: true), status(521), status(522), status(524, done: true), status(525), status(530),
            always("540", #""status": 540"#), status(544), status(544, done: true),
            // Answers that are none.
            often("a page", #""status": 200, "html": true"#),
            often("a page after the work", #""status": 200, "html": true, "done": true"#),
            often("empty", #""kind": "empty""#), often("empty after the work", #""kind": "empty", "done": true"#),
            often("cut", #""kind": "cut""#),
            // Time.
            often("slow", #""kind": "slow", "seconds": 0.4"#), often("trickle", #""kind": "trickle", "seconds": 0.6"#),
            often("hang", #""kind": "hang""#), often("work when given up", #""kind": "late_work", "seconds": 1.3"#),
            often("answer when given up", #""kind": "late_answer", "seconds": 1.6"#),
            // The way there.
            often("reset", #""kind": "reset_before""#), often("reset after the work", #""kind": "reset_after""#),
            Self("absent", .absent), Self("partition", .partition),
            Self("database stopped", .database("stop")), Self("database crashed", .database("crash")),
        ]
}
