import Foundation
import PluginHost
import PluginKit

// Measures a storage as the gateway uses it, behind the host in this process: one JSON object on standard output.
// Arguments: folder with the plugins, an empty folder for its own, then, for SQLite, "quick" for fewer rounds, or, for
// Supabase, what is asked for: "supabase URL KEYFILE put FIRST TEXTS" or "supabase URL KEYFILE customers ROUNDS"; and of
// SQLite's customers, "crm SCALE" (look-ups and searches) or "lists ROWS" (every list, from its first row to its last).

/// Off the main actor, where a call would cost several times as much.
@concurrent
func measureSQLite(_ arguments: [String]) async throws -> [String: Double] {
    let isQuick = arguments.contains("quick")
    let bench = try await Bench(binaries: arguments[1], folder: arguments[2])
    var figures: [String: Double] = [:]
    let (few, many) = isQuick ? (500, 20_000) : (3_000, 100_000)
    figures["single_per_s"] = try await bench.single(0..<few)
    figures["bulk_per_s"] = try await bench.bulk(few..<(few + many), batch: 1_000, width: 4)
    figures["bulk_alone_per_s"] = try await bench.bulk(
        (few + many)..<(few + many + 20_000), batch: 1_000, width: 1)
    figures["indexed_s"] = try await bench.indexed()
    let words = ["cafe", "ord", "hello pickup", "55540", "nothing-like-it", "12345", "s"]
    let searches = try await bench.searches(words, rounds: 350)
    figures["search_median_ms"] = searches[searches.count / 2]
    figures["search_most_ms"] = searches[searches.count - 1]
    try bench.sqlite(Bench.shop)
    try await bench.refreshed()
    let customers = try await bench.customers(rounds: 2_000)
    figures["customer_median_ms"] = customers[customers.count / 2]
    figures["file_mb"] = Double(try await bench.host.standingStorage.health().bytes) / 1_048_576
    await bench.host.stop()
    return figures
}

@concurrent
func measureCustomers(_ arguments: [String]) async throws -> [String: Double] {
    let scale = Int(arguments[4]) ?? 1
    let empty = try await Bench(binaries: arguments[1], folder: arguments[2])
    await empty.host.stop()
    let customers = try Bench.fill(empty.path, scale: scale)
    let bench = try await Bench(binaries: arguments[1], folder: arguments[2])
    var figures: [String: Double] = [:]
    // What the file's pages cost the first time is the disk's.
    _ = try await bench.lookups(of: customers, rounds: 500)
    let lookups = try await bench.lookups(of: customers, rounds: 4_000)
    figures["customer_median_ms"] = lookups[lookups.count / 2]
    figures["customer_p99_ms"] = lookups[lookups.count * 99 / 100]
    let searches = try await bench.typing(["ana abc", "bo kason", "sue", "c12345@ex", "6192000123", "zz"], rounds: 10)
    figures["typing_median_ms"] = searches[searches.count / 2]
    figures["typing_most_ms"] = searches[searches.count - 1]
    figures["file_mb"] = Double(try await bench.host.standingStorage.health().bytes) / 1_048_576
    await bench.host.stop()
    return figures
}

@concurrent
func measureLists(_ arguments: [String]) async throws -> [String: Double] {
    let rows = Int(arguments[4]) ?? 0
    let bench = try await Bench(binaries: arguments[1], folder: arguments[2])
    try bench.fillLists(rows)
    try await bench.refreshed()
    var figures: [String: Double] = [:]
    for list in CustomerList.allCases where list != .months {
        let taken = try await bench.walk(list, rows: rows).sorted()
        figures["\(list.rawValue) median_ms"] = taken[taken.count / 2]
        figures["\(list.rawValue) most_ms"] = taken[taken.count - 1]
    }
    await bench.host.stop()
    return figures
}

@concurrent
func measureSupabase(_ arguments: [String]) async throws -> [String: Double] {
    let (url, key) = (arguments[4], arguments[5])
    let bench = try await Bench(
        binaries: arguments[1], folder: arguments[2],
        dropIn: """
            plugin: supabase
            settings: {url: "\(url)", key_file: "\(key)", idle_poll_ms: 600000, batch: 1000}

            """)
    var figures: [String: Double] = [:]
    if arguments[6] == "put" {
        let first = Int(arguments[7]) ?? 0
        // What asks the project who it is comes before.
        _ = try await bench.host.standingStorage.health()
        figures["bulk_per_s"] = try await bench.bulk(first..<(first + (Int(arguments[8]) ?? 0)), batch: 1_000, width: 1)
    } else {
        let taken = try await bench.customers(rounds: Int(arguments[7]) ?? 0)
        if !taken.isEmpty { figures["customer_median_ms"] = taken[taken.count / 2] }
    }
    await bench.host.stop()
    return figures
}

let arguments = CommandLine.arguments
let figures =
    switch arguments.dropFirst(3).first {
    case "supabase": try await measureSupabase(arguments)
    case "crm": try await measureCustomers(arguments)
    case "lists": try await measureLists(arguments)
    default: try await measureSQLite(arguments)
    }
let json = try JSONSerialization.data(withJSONObject: figures, options: .sortedKeys)
FileHandle.standardOutput.write(json + Data("\n".utf8))
