/// How often a text goes from each of our SIMs to the next one, and how long it may take.
public struct CanarySettings: Sendable, Hashable {
    public var everyMilliseconds: Int64
    public var withinMilliseconds: Int64

    public init(everyMilliseconds: Int64, withinMilliseconds: Int64) {
        self.everyMilliseconds = everyMilliseconds
        self.withinMilliseconds = withinMilliseconds
    }
}
