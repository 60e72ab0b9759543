extension Gateway {
    /// What `status`, the console and refusals say while nothing is to be touched.
    static let observing =
        "the gateway only observes (run --observe): nothing is sent or answered, and nothing is written into storage; what "
        + "comes waits in the journal. Start it without --observe to begin"

    /// Before anything that would send a text or change storage.
    func refuseWhileObserving() throws(GatewayError) {
        if options.policy.observes { throw GatewayError(.refused, Self.observing) }
    }
}
