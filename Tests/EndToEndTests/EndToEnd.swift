import Testing

/// The gateway as a whole: real processes, real files, simulated modems that remember the truth. One after the other,
/// because each looks at the clock.
@Suite("End to end", .serialized, .timeLimit(.minutes(20)))
struct EndToEnd {}
