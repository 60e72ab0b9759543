#if CONDUCTOR_TORTURE
    internal import Glibc
    internal import Synchronization
#endif

/// Places on the way of a text at which the torture harness ends the process, as a power cut would.
///
/// Only a build with the condition `CONDUCTOR_TORTURE` knows how: in every other build a call is nothing, its argument
/// included. The harness has the list of all places, and a test compares it with the sources.
public enum CrashPoint {
    #if CONDUCTOR_TORTURE
        /// `CONDUCTOR_CRASH_AT=place:pass`: which pass of which place ends the process, from 1.
        private static let armed: (place: String, pass: Int)? = {
            guard let value = getenv("CONDUCTOR_CRASH_AT").map({ String(cString: $0) }),
                let colon = value.lastIndex(of: ":"), let pass = Int(value[value.index(after: colon)...])
            else { return nil }
            return (String(value[..<colon]), pass)
        }()
        private static let passes = Atomic(0)

        /// The way of a text has come to `place`. Any thread.
        public static func reached(_ place: StaticString) {
            guard let armed, place.withUTF8Buffer({ $0.elementsEqual(armed.place.utf8) }) else { return }
            let pass = passes.add(1, ordering: .relaxed).newValue
            guard pass == armed.pass else { return }
            tell(armed.place)
            kill(getpid(), SIGKILL)
            // The signal is on its way: nothing may happen after this line.
            while true { pause() }
        }

        /// `CONDUCTOR_CRASH_LOG`: the file that gets one line for each end: the place and the monotonic milliseconds.
        private static func tell(_ place: String) {
            guard let path = getenv("CONDUCTOR_CRASH_LOG") else { return }
            let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { return }
            var now = timespec()
            clock_gettime(CLOCK_MONOTONIC, &now)
            let line = Array("\(place)\t\(Double(now.tv_sec) * 1_000 + Double(now.tv_nsec) / 1_000_000)\n".utf8)
            write(descriptor, line, line.count)
            close(descriptor)
        }
    #else
        /// Nothing: this build has no crash points.
        @_transparent
        public static func reached(_ place: StaticString) {}
    #endif
}
