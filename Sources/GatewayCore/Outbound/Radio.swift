internal import ModemKit

/// What the way out needs of the modems; the fleet is one.
protocol Radio: Sendable {
    /// Sends one part: the command goes out at once, the PDU when `permit` has returned.
    func submit(
        _ submission: Submission, to modem: ModemID, permit: @escaping @Sendable () async throws -> Void
    ) async -> SubmissionOutcome
}

extension Fleet: Radio {}
