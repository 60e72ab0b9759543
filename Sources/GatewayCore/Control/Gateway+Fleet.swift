extension Gateway {
    public func fleet() async throws(GatewayError) -> FleetReport {
        // Asking says at storage that this gateway is there.
        try refuseWhileObserving()
        guard let heartbeat = feeds?.heartbeat else {
            throw GatewayError(.unavailable, "the gateway is starting or stopping: ask again in a moment")
        }
        return await heartbeat.fleet()
    }
}
