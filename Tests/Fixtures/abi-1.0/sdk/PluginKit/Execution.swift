/// Where a plugin's code runs.
public enum Execution: Sendable, Hashable {
    /// On threads of the plugin's own: its code may block without harm to the host.
    case dedicated(threads: Int)
    /// On the thread of the caller until the first suspension, then on the host's pool: some microseconds faster, and
    /// only for code that never blocks.
    case inline
}
