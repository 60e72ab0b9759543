/// Makes the gateway of a plan: the one place where the command line and `GatewayCore.Gateway` meet.
enum Assembly {
    static func gateway(for plan: RunPlan) throws(CommandFailure) -> any RunnableGateway {
        throw CommandFailure(.failed, "this build has no gateway core")
    }
}
