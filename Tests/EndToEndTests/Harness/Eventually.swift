import Foundation
import Glibc

/// Why a test cannot go on.
struct Failure: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Looks until `condition` holds. Another process's files tell nobody when they change, so they are looked at every few
/// milliseconds; what ends the wait is the condition, never the time.
func eventually(
    _ what: String, within seconds: Double = 30, every milliseconds: Int = 5, _ condition: () async throws -> Bool
) async throws {
    let deadline = now() + seconds * 1_000
    while try await !condition() {
        guard now() < deadline else { throw Failure("not within \(Int(seconds)) s: \(what)") }
        try await Task.sleep(for: .milliseconds(milliseconds))
    }
}

/// CLOCK_MONOTONIC in milliseconds: the clock of the simulator's ledger.
func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) * 1_000 + Double(time.tv_nsec) / 1_000_000
}

/// A new folder of this user's under /tmp; whoever makes it removes it.
func temporaryFolder(_ name: String) throws -> String {
    var template = Array("/tmp/conductor-\(name)-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure("no temporary folder") }
    return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
}

/// A figure for whoever reads the output of the tests.
func report(_ line: String) {
    let bytes = Array("  ▸ \(line)\n".utf8)
    write(STDERR_FILENO, bytes, bytes.count)
}

/// Repeatable chance (SplitMix64).
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
