import Foundation
import PluginHost
import PluginKit

// Measures a storage as the gateway uses it, behind the host in this process: one JSON object on standard output.
// Arguments: folder with the plugins, an empty folder for its own, then, for SQLite, "quick" for fewer rounds, or, for
// Supabase, what is asked for: "supabase URL KEYFILE put FIRST TEXTS" or "supabase URL KEYFILE customers ROUNDS".

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
    let customers = try await bench.customers(rounds: 2_000)
    figures["customer_median_ms"] = customers[customers.count / 2]
    figures["file_mb"] = Double(try await bench.host.standingStorage.health().bytes) / 1_048_576
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
    arguments.dropFirst(3).first == "supabase"
    ? try await measureSupabase(arguments) : try await measureSQLite(arguments)
let json = try JSONSerialization.data(withJSONObject: figures, options: .sortedKeys)
FileHandle.standardOutput.write(json + Data("\n".utf8))
