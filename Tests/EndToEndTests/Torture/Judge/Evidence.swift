/// What is known at the end of a run: what the network gave and got, as the simulator wrote it down, and what the table
/// and the journals say. Plain values; who gathered them does not matter to the judge.
struct Evidence {
    /// A text that the network gave to a modem.
    struct Given: Hashable {
        var from: String
        var body: String
        /// Its octets, part by part: two texts with the same ones cannot be told apart.
        var octets: String
    }

    /// A text that took, octet for octet, the place in a modem's memory of one that had just been deleted there.
    struct Replacement: Hashable {
        /// When that was deleted; monotonic milliseconds.
        var at: Double
        var modem: Int
        var octets: String
    }

    /// A part and what the network, or the modem, did with it.
    struct Wire: Hashable {
        enum Kind: Hashable {
            /// It left the modem.
            case submitted
            /// The gateway was told: `ok`, an error, or `none` where the final result was withheld.
            case told(String)
            /// The network says what became of it: TP-Status.
            case reported(Int)
        }

        /// Monotonic milliseconds.
        var at: Double
        var modem: Int
        var kind: Kind
        var to: String
        /// TPDU in hex.
        var tpdu: String
        /// What it says; empty for all but `submitted`.
        var text = ""
    }

    /// A row of the users' table.
    struct Row: Hashable {
        var id: Int64
        var uid: String?
        var phone: String
        var content: String
        var isInbound: Bool
        var status: String
        var delivery: String?
        var answers: String?
        var isCopy = false
        var isIncomplete = false
        /// What it says, part by part.
        var parts: [String]
    }

    /// A part as a gateway's journal has it at the end.
    struct Part: Hashable {
        var uid: String
        var number: Int
        var tpdu: String
        var modem: Int
        var state: String
        var error: String?

        /// It was uncertain once, whatever was learned later.
        var wasUnknown: Bool { error != nil && (state == "unknown" || state == "accepted") }
        /// By a gateway that was killed.
        var wasCutByKill: Bool { wasUnknown && error == Evidence.cutByKill }
    }

    /// A part by its text and place.
    struct PartName: Hashable {
        var uid: String
        var number: Int
    }

    /// A text of ours as a gateway's journal has it at the end.
    struct Outgoing: Hashable {
        var seq: Int64
        var uid: String
        var phone: String
        var state: String
        /// Storage has its last state.
        var isStored: Bool
    }

    /// Something that may have cut off whatever was going on.
    struct Cut: Hashable {
        enum Kind: Hashable {
            /// The gateway was killed.
            case kill
            /// The modem lost its port, its power or its hearing.
            case modem
        }

        var at: Double
        var modem: Int
        var kind: Kind
    }

    static let cutByKill = "the gateway stopped before the modem had answered"
    /// What a gateway writes down that ran on while a result stayed away.
    static let noResult = "no final result came"
    /// CMS 332: the network did not answer the modem.
    static let noAnswer = "the network did not answer in time"

    var given: [Given] = []
    var replacements: [Replacement] = []
    /// In the order in which it happened.
    var wire: [Wire] = []
    /// What other programs queued: number and text.
    var queued: [(phone: String, content: String)] = []
    /// What of it was queued to people who had said STOP.
    var refused: Set<String> = []
    var rows: [Row] = []
    /// One for each gateway.
    var journals: [(parts: [Part], outgoing: [Outgoing])] = []
    /// How often a part was sent once more because it was unknown and no report came (policy: on_unknown).
    var resent: [PartName: Int] = [:]
    /// Texts that came, in a journal, and storage does not have, or nobody decided on.
    var unsettledInbound = 0
    var cuts: [Cut] = []
    /// When a gateway did something with a modem.
    var deeds: [(at: Double, modem: Int)] = []
    /// Times in which a journal could not be written: what a modem said then is not durable.
    var journalDown: [ClosedRange<Double>] = []
    /// Delivery reports that a modem dropped before it was set up.
    var droppedReports = 0
    /// Numbers of which something is still in a modem, or on its way through a journal.
    var unsettled: Set<String> = []
    /// Whether nothing moved any more: otherwise what is missing may still come.
    var isAtRest = true
    /// Whether wall clocks were true: a report names its part by time.
    var clocksWereTrue = true
    /// How a text is answered.
    var answer: (String) -> String = { "re: \($0)" }
}
