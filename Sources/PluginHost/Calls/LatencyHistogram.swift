import Synchronization

/// How long calls took: counts in buckets whose bounds grow by a quarter at most, from 1 ns to centuries.
final class LatencyHistogram: Sendable {
    private struct Counts {
        var buckets = [UInt32](repeating: 0, count: 256)
        var total = 0
        /// Nanoseconds of all of them.
        var sum: Int64 = 0
    }

    private let counts = Mutex(Counts())

    func record(nanoseconds: Int64) {
        let bucket = Self.bucket(of: UInt64(max(1, nanoseconds)))
        counts.withLock { counts in
            counts.buckets[bucket] &+= 1
            counts.total += 1
            counts.sum &+= nanoseconds
        }
    }

    /// The time within which that share of the calls ended, rounded up to a bucket's end; nil before the first call.
    func quantile(_ share: Double) -> Duration? {
        counts.withLock { counts in
            guard counts.total > 0 else { return nil }
            let wanted = max(1, (Double(counts.total) * share).rounded(.up))
            var seen = 0.0
            for (index, count) in counts.buckets.enumerated() {
                seen += Double(count)
                if seen >= wanted { return .nanoseconds(Self.end(of: index)) }
            }
            return nil
        }
    }

    /// How many calls ended within each bound, by the end of their bucket, with all of them and their time.
    ///
    /// - Parameter bounds: rising.
    func distribution(_ bounds: [Duration]) -> PluginState.Latencies {
        counts.withLock { counts in
            var latencies = PluginState.Latencies(total: counts.total, sum: .nanoseconds(counts.sum))
            latencies.within = bounds.map { bound in
                counts.buckets.enumerated().reduce(0) { sum, bucket in
                    .nanoseconds(Self.end(of: bucket.offset)) <= bound ? sum + Int(bucket.element) : sum
                }
            }
            return latencies
        }
    }

    /// The highest bit chooses four buckets, the two below it one of them.
    private static func bucket(of value: UInt64) -> Int {
        let exponent = 63 - value.leadingZeroBitCount
        let quarter = exponent >= 2 ? Int(value >> UInt64(exponent - 2)) & 3 : 0
        return exponent * 4 + quarter
    }

    private static func end(of bucket: Int) -> Int64 {
        let (exponent, quarter) = (UInt64(bucket / 4), UInt64(bucket % 4))
        guard exponent >= 2 else { return Int64(1 << exponent) }
        return Int64(clamping: (4 + quarter + 1) << (exponent - 2))
    }
}
