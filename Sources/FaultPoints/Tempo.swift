#if CONDUCTOR_TORTURE
    internal import Glibc

    /// How time goes by in a torture build: what takes minutes in life is waited for in seconds.
    public enum Tempo {
        /// `CONDUCTOR_TEMPO=short`: time-outs of modems and waits before another attempt are short.
        public static let isShort = getenv("CONDUCTOR_TEMPO").map { String(cString: $0) } == "short"

        /// `CONDUCTOR_CLOCK_RATE`: seconds of the gateway's monotonic clock in one second; 1 unless said.
        public static let rate = max(1, getenv("CONDUCTOR_CLOCK_RATE").flatMap { Int64(String(cString: $0)) } ?? 1)
    }
#endif
