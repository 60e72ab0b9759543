internal import CMemory

/// What keeps the memory of a process that runs for months as small as what it uses.
public enum HeapCare {
    /// Of glibc's heaps. By its own rule it makes up to eight for each core, one for a thread that comes when it likes, and
    /// each keeps what it once held: memory would grow by some megabytes now and then, for days.
    private static let heaps: Int32 = 2
    /// Milliseconds. A heap keeps what a burst once took, too; to give it back takes some milliseconds each time.
    private static let pause: Int64 = 30_000

    /// Before there is a second thread.
    public static func begin() {
        _ = cmemory_limit_heaps(heaps)
    }

    /// Gives back now and then what is free, until cancelled.
    static func run(_ clock: any GatewayClock) async {
        while true {
            do { try await clock.sleep(milliseconds: pause) } catch { return }
            cmemory_give_back()
        }
    }
}
