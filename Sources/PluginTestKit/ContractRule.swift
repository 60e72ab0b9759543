/// One thing that every plugin of a kind keeps, whatever it does.
///
/// A rule is a function that throws: it can be run from any test framework, or from none.
///
///     @Test("keeps the contract of responders", arguments: ResponderContract.rules)
///     func contract(_ rule: ContractRule<ResponderSubject>) async throws {
///         try await rule.check(ResponderSubject { try Hours(host: Host(), settings: Settings()) })
///     }
public struct ContractRule<Subject>: Sendable, CustomStringConvertible {
    /// What is kept, in words.
    public let name: String
    private let body: @Sendable (Subject) async throws -> Void

    /// A rule of one's own, to be run beside ours.
    public init(_ name: String, _ body: @escaping @Sendable (Subject) async throws -> Void) {
        self.name = name
        self.body = body
    }

    /// The name: what test frameworks show.
    public var description: String { name }

    /// Runs the rule.
    ///
    /// - Throws: `ContractFailure` where the rule is broken.
    public func check(_ subject: Subject) async throws {
        do {
            try await body(subject)
        } catch let failure as ContractFailure {
            throw failure
        } catch {
            throw ContractFailure("\(name): \(error)")
        }
    }
}

/// How a plugin broke a rule of its contract.
public struct ContractFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// One sentence.
    public let message: String

    /// A failure in words.
    public init(_ message: String) { self.message = message }

    /// The sentence.
    public var description: String { message }
}

/// Throws unless `condition` holds.
func expect(
    _ condition: Bool, _ message: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
) throws(ContractFailure) {
    if !condition { throw ContractFailure("\(message()) (\(file):\(line))") }
}

/// The value, unless there is none.
func need<Value>(
    _ value: Value?, _ message: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
) throws(ContractFailure) -> Value {
    guard let value else { throw ContractFailure("\(message()) (\(file):\(line))") }
    return value
}
