import Foundation

/// What a process holds at one moment.
struct ProcessLook {
    /// What it holds resident for itself (`RssAnon`), in KiB.
    let memory: Int
    /// With the pages of programs and libraries (`VmRSS`), in KiB.
    let resident: Int
    let threads: Int
    /// What each open descriptor is, without the numbers of sockets and pipes.
    let files: [String]

    init(_ pid: pid_t) throws {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        func number(_ key: String) -> Int {
            let words = status.split(separator: "\n").first { $0.hasPrefix(key) }?.split(whereSeparator: \.isWhitespace)
            return words.flatMap { $0.count > 1 ? Int($0[1]) : nil } ?? 0
        }
        let folder = "/proc/\(pid)/fd"
        files = try FileManager.default.contentsOfDirectory(atPath: folder).compactMap { number in
            // One that was closed meanwhile is none.
            (try? FileManager.default.destinationOfSymbolicLink(atPath: folder + "/" + number))
                .map { String($0.prefix { $0 != "[" }) }
        }.sorted()
        (memory, resident, threads) = (number("RssAnon:"), number("VmRSS:"), number("Threads:"))
    }
}

extension Sequence where Element == [String] {
    /// Descriptors that are not open at every look, with the least and the most of them.
    var changing: [String] {
        let all = map { files in Dictionary(grouping: files) { $0 }.mapValues(\.count) }
        return Set(all.flatMap(\.keys)).sorted().compactMap { name in
            let counts = all.map { $0[name] ?? 0 }
            guard let least = counts.min(), let most = counts.max(), least != most else { return nil }
            return "\(name): \(least) to \(most)"
        }
    }
}
