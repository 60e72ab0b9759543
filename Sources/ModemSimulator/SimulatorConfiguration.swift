/// What a simulator is made of.
public struct SimulatorConfiguration: Sendable {
    /// One for each modem.
    public var profiles: [ModemProfile]
    /// Folder in which the links `modem0`, … are made; it is made too where it is missing. Its own part of the world:
    /// links of the same names are replaced.
    public var linkFolder: String
    /// File that ledger lines are appended to.
    public var ledgerPath: String?
    /// Whether ledger lines go to standard output too.
    public var printsLedger: Bool
    /// Whether events are kept for `Simulator.events` and `Simulator.wait`; off for long runs.
    public var keepsEvents: Bool
    /// One text arrives two seconds after the first modem was set up for receiving.
    public var demo: Bool
    /// Stops when this process is no longer the parent's: when its parent died.
    public var stopsWithParent: Bool
    /// Seeds jitter and garbage, so that a run can be repeated.
    public var seed: UInt64
    /// Settings that hold from the start.
    public var settings: [ModemSetting]
    /// The first modem answers as the one did that this was recorded of.
    public var replay: RecordedTrace?
    /// So many times as fast as it was recorded, above 0.
    public var replaySpeed: Double
    /// Called on the simulator's thread for each event; must return at once and not call the simulator.
    public var observer: (@Sendable (LedgerEvent) -> Void)?
    /// Called on the simulator's thread with a sentence where a line of a live script is wrong.
    public var problem: (@Sendable (String) -> Void)?
    /// Called on the simulator's thread with a sentence that is worth knowing and no problem.
    public var note: (@Sendable (String) -> Void)?
    /// Called once, on the simulator's thread, when it ends: by `stop`, `quit` or its parent's death.
    public var ended: (@Sendable () -> Void)?

    /// `modems` modems with the default profiles, linked in `linkFolder`.
    public init(modems: Int, linkFolder: String) {
        profiles = (0..<modems).map { ModemProfile(index: $0) }
        self.linkFolder = linkFolder
        ledgerPath = nil
        printsLedger = false
        keepsEvents = true
        demo = false
        stopsWithParent = false
        seed = 1
        settings = []
        replay = nil
        replaySpeed = 1
        observer = nil
        problem = nil
        note = nil
        ended = nil
    }
}
