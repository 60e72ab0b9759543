internal import Foundation
internal import GRDB
public import PluginKit
internal import SMSCodec

/// Everything that the gateway and its storage know of a person.
public struct ContactRecord: Sendable, Hashable, Codable {
    /// What the business wrote about the person.
    public struct Fields: Sendable, Hashable, Codable {
        public var name: String?
        public var notes: String?
        public var assignee: String?
        public var botPausedUntil: Timestamp?
        public var isClosed: Bool

        public init(
            name: String? = nil, notes: String? = nil, assignee: String? = nil, botPausedUntil: Timestamp? = nil,
            isClosed: Bool = false
        ) {
            self.name = name
            self.notes = notes
            self.assignee = assignee
            self.botPausedUntil = botPausedUntil
            self.isClosed = isClosed
        }
    }

    /// One TPDU, as long as the journal has it.
    public struct Part: Sendable, Hashable, Codable {
        /// The text's id.
        public var uid: String
        public var direction: Message.Direction
        /// From 1.
        public var number: Int
        /// `received`, `intent`, `accepted`, `refused`, `unknown`.
        public var state: String
        public var at: Timestamp
        /// Meaning of the delivery report's status, where one came.
        public var report: String?
        public var pduHex: String

        public init(
            uid: String, direction: Message.Direction, number: Int, state: String, at: Timestamp, report: String?,
            pduHex: String
        ) {
            self.uid = uid
            self.direction = direction
            self.number = number
            self.state = state
            self.at = at
            self.report = report
            self.pduHex = pduHex
        }
    }

    /// What a plugin keeps; the value as text, or in base 64 where it is none.
    public struct Value: Sendable, Hashable, Codable {
        public var plugin: String
        public var key: String
        public var text: String?
        public var base64: String?
        public var setAt: Timestamp?
        public var expiresAt: Timestamp?

        public init(
            plugin: String, key: String, text: String?, base64: String?, setAt: Timestamp? = nil,
            expiresAt: Timestamp? = nil
        ) {
            self.plugin = plugin
            self.key = key
            self.text = text
            self.base64 = base64
            self.setAt = setAt
            self.expiresAt = expiresAt
        }

        init(_ value: ConsoleStore.PersonalValue) {
            let text = String(validating: value.value, as: UTF8.self)
            self.init(
                plugin: value.plugin, key: value.key, text: text,
                base64: text == nil ? Data(value.value).base64EncodedString() : nil, setAt: value.setAt,
                expiresAt: value.expiresAt)
        }
    }

    /// Normalised.
    public var phone: String
    /// When this was put together.
    public var at: Timestamp
    public var isOptedOut: Bool
    public var contact: Fields
    /// Oldest first.
    public var consent: [ConsentEvent]
    /// Oldest first; those that storage does not have yet come last.
    public var texts: [Message]
    public var parts: [Part]
    public var values: [Value]
    /// A JSON object with what else storage keeps.
    public var other: String?
    /// Where was looked: the storage that serves, then the others; nil from an older gateway.
    public var storages: [StorageLook]?

    public init(
        phone: String, at: Timestamp, isOptedOut: Bool = false, contact: Fields = Fields(),
        consent: [ConsentEvent] = [], texts: [Message] = [], parts: [Part] = [], values: [Value] = [],
        other: String? = nil, storages: [StorageLook]? = nil
    ) {
        self.phone = phone
        self.at = at
        self.isOptedOut = isOptedOut
        self.contact = contact
        self.consent = consent
        self.texts = texts
        self.parts = parts
        self.values = values
        self.other = other
        self.storages = storages
    }

    init(phone: String, at: Timestamp, fields: Contact) {
        self.init(
            phone: phone, at: at,
            contact: Fields(
                name: fields.name, notes: fields.notes, assignee: fields.assignee,
                botPausedUntil: fields.botPausedUntil, isClosed: fields.isClosed))
    }

    /// Adds what storages have that do not serve, and the one that serves does not.
    mutating func add(_ visits: [LeftStorages.Visit<StoredPerson>], besides served: StoredPerson) {
        var known = Set(served.texts.compactMap { RowKey.uid(of: $0, in: served.health.name) })
        var events = Set(consent.map(\.uid))
        let count = texts.count
        for visit in visits {
            var look = visit.look { Int64($0.texts.count) }
            if case .success(let person) = visit.answer {
                // A row without an id got one when a switch copied it.
                texts += person.texts.filter { row in
                    RowKey.uid(of: row, in: person.health.name).map { known.insert($0).inserted } ?? true
                }
                consent += (person.stored?.consent ?? []).filter { events.insert($0.uid).inserted }
                look.other = person.stored?.other
            }
            storages = (storages ?? []) + [look]
        }
        if texts.count > count { texts.sort { ($0.timestamp, $0.uid ?? "") < ($1.timestamp, $1.uid ?? "") } }
    }

    /// Adds what the journal has and storage does not.
    mutating func add(journalOf phone: String, _ database: Database) throws {
        isOptedOut = try !Consent.isAllowed(phone, database)
        let known = Set(texts.compactMap(\.uid))
        texts += try database.all("SELECT * FROM inbound WHERE phone = ? AND visible = 1 ORDER BY seq", [phone])
            .map(Message.init(inbound:)).filter { !known.contains($0.uid ?? "") }
        texts += try database.all("SELECT * FROM outbound WHERE phone = ? ORDER BY seq", [phone])
            .map(Message.init(outbound:)).filter { !known.contains($0.uid ?? "") }
        let events = Set(consent.map(\.uid))
        consent += try database.all("SELECT * FROM consent WHERE phone = ? ORDER BY at", [phone])
            .map(ConsentEvent.init(row:)).filter { !events.contains($0.uid) }
        consent.sort { $0.at < $1.at }
        parts += try database.all(
            """
            SELECT reading.* FROM reading JOIN inbound ON inbound.uid = reading.uid
                WHERE inbound.phone = ? ORDER BY reading.id
            """, [phone]
        ).map { row in
            Part(
                uid: row["uid"], direction: .inbound, number: row["sequence"] ?? 1, state: "received",
                at: Timestamp(milliseconds: row["read_at"]), report: nil,
                pduHex: Hex.encode([UInt8](row["pdu"] as Data)))
        }
        parts += try database.all("SELECT * FROM part WHERE phone = ? ORDER BY intent_at, number", [phone]).map { row in
            Part(
                uid: row["uid"], direction: .outbound, number: row["number"], state: row["state"],
                at: Timestamp(milliseconds: row["outcome_at"] ?? row["intent_at"]),
                report: (row["report_status"] as Int?).map {
                    ReportStatus(rawValue: UInt8(truncatingIfNeeded: $0)).meaning
                }, pduHex: Hex.encode([UInt8](row["pdu"] as Data)))
        }
    }
}
