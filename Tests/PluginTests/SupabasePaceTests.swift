import PluginKit
import Testing

@testable import SupabaseStorage

/// How often the project is asked. Told the time, so that nothing here waits.
@Suite("Supabase: how often it is asked")
struct SupabasePaceTests {
    @Test("a project that is away is tried ever more seldom, by one request at a time")
    func backoff() {
        var backoff = Backoff(longest: 30_000)
        var now: Int64 = 0
        #expect(backoff.admit(now: now, trial: 10_000) == .go)
        var pauses: [Int64] = []
        for _ in 0..<12 {
            pauses.append(backoff.failed(now: now, began: now, asked: nil, chance: 1))
            #expect(backoff.admit(now: now, trial: 10_000) == .wait(pauses.last ?? 0))
            now += pauses.last ?? 0
            #expect(backoff.admit(now: now, trial: 10_000) == .go)
            // Nobody else, until the one that asks knows.
            #expect(backoff.admit(now: now, trial: 10_000) == .wait(10_000))
        }
        #expect(pauses == [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000, 30_000])
        backoff.succeeded()
        #expect(backoff.admit(now: now, trial: 10_000) == .go)
        #expect(backoff.admit(now: now, trial: 10_000) == .go)
    }

    @Test("chance shortens a pause by half at most, and lengthens what the server asked for a little")
    func jitter() {
        var backoff = Backoff(longest: 30_000)
        #expect(backoff.failed(now: 0, began: 0, asked: nil, chance: 0) == 125)
        backoff.succeeded()
        #expect(backoff.failed(now: 0, began: 0, asked: 60_000, chance: 0) == 60_000)
        backoff.succeeded()
        #expect(backoff.failed(now: 0, began: 0, asked: 60_000, chance: 0.5) == 60_250)
    }

    @Test("many requests that fail over one thing are one failure")
    func burst() {
        var backoff = Backoff(longest: 30_000)
        for _ in 0..<8 { backoff.failed(now: 100, began: 50, asked: nil, chance: 1) }
        #expect(backoff.failures == 1)
        #expect(backoff.admit(now: 100, trial: 1) == .wait(250))
    }

    @Test("looks are close while something comes, and far apart while nothing does")
    func pace() {
        var pace = PollPace(idle: 1_500, busy: 500)
        #expect(pace.looked(hasNews: false, now: 0) == 1_500)
        #expect(pace.looked(hasNews: true, now: 1_500) == 500)
        #expect(pace.looked(hasNews: false, now: 20_000) == 500)
        #expect(pace.looked(hasNews: false, now: 31_500) == 1_500)
        #expect(pace.failed(PluginError(.unavailable, "", retryAfterMilliseconds: 9_000)) == 9_000)
        #expect(pace.failed(PluginError(.unavailable, "", retryAfterMilliseconds: 1)) == 1_500)
    }

    @Test("news is what was not there before; what goes is none")
    func sights() {
        let before = Sight(waiting: [1, 2, 3], consent: 7)
        #expect(!before.hasNews(since: before))
        #expect(!Sight(waiting: [2], consent: 7).hasNews(since: before))
        #expect(Sight(waiting: [2, 4], consent: 7).hasNews(since: before))
        #expect(Sight(waiting: [2], consent: 8).hasNews(since: before))
    }
}
