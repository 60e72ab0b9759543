import GatewayCore
import PluginKit

/// How much of a trace was shown, while it is asked for again and again.
struct TraceProgress {
    enum Item: Equatable {
        case entry(TraceReport.Entry)
        /// So many entries before the one at that time are not kept any more.
        case gap(Int, before: Timestamp)
    }

    /// The number of the last entry that was shown.
    private(set) var last = 0
    private var run: String?

    /// What of a page is to be shown. After a restart of the gateway numbers begin anew: then the next page has it.
    mutating func news(in page: TraceReport) -> [Item] {
        defer { run = page.run }
        if let run, run != page.run {
            last = 0
            // This page was asked for by a number of the former run.
            guard page.entries.first?.number == 1 else { return [] }
        }
        var items: [Item] = []
        for entry in page.entries where entry.number > last {
            if entry.number > last + 1 { items.append(.gap(entry.number - last - 1, before: entry.at)) }
            items.append(.entry(entry))
            last = entry.number
        }
        return items
    }
}
