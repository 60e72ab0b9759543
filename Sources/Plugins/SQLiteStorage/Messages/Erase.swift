internal import GRDB
internal import PluginKit

/// What is deleted for good: a person's rows, or those that are older than texts are kept.
struct Erase {
    let request: ErasureRequest

    /// When a row is from. Texts of a gateway say when its journal had them, however late they were put here.
    private static let told = TimeSQL.canonical("timestamp")
    private static let arrived = TimeSQL.canonical("created_at")

    /// Rows of the person that are not later than the erasure.
    private static let person = """
        \(PhoneSQL.recipient()) = ifnull(\(PhoneSQL.e164(":phone")), :phone)
            AND NOT ifnull(min(\(told), \(arrived)), coalesce(\(told), \(arrived), '')) > :before
        """

    /// Nothing of such a row is queued, on its way, or waits for a person's word.
    private static let old = """
        coalesce(\(told), \(arrived)) < :before AND NOT (direction = 'outbound' AND status = 'queued')
            AND ifnull(delivery_status, '') NOT IN ('sending', 'unknown')
        """

    private static let customer = """
        \(CustomerAliases.means(.phone, "ifnull(\(PhoneSQL.e164(":phone")), :phone)"))
            AND NOT ifnull(\(arrived), '') > :before
        """

    private static let events = "\(PhoneSQL.recipient()) = ifnull(\(PhoneSQL.e164(":phone")), :phone)"

    /// Which old texts are to go, at most `limit`; looked for beside the writer, since it may walk through all rows.
    func oldTexts(on db: Database) throws -> [Int64] {
        try Int64.fetchAll(
            db.cachedStatement(sql: "SELECT id FROM messages WHERE \(Self.old) ORDER BY id LIMIT :limit"),
            arguments: ["before": request.before.description, "limit": request.limit > 0 ? request.limit : -1])
    }

    /// Deletes those of `ids` that are still settled and old.
    func delete(_ ids: [Int64], on db: Database) throws -> ErasureReply {
        let statement = try db.cachedStatement(sql: "DELETE FROM messages WHERE id = :id AND \(Self.old)")
        var texts: Int64 = 0
        for id in ids {
            try statement.execute(arguments: ["id": id, "before": request.before.description])
            texts += Int64(db.changesCount)
        }
        return ErasureReply(texts: texts, hasMore: request.limit > 0 && ids.count >= Int(request.limit))
    }

    func count(_ phone: String, on db: Database) throws -> ErasureReply {
        let texts = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT count(*) FROM messages WHERE \(Self.person)"), arguments: values(phone))
        let customers = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT count(*) FROM customers WHERE \(Self.customer)"), arguments: values(phone))
        return ErasureReply(
            texts: texts ?? 0, consent: try Self.consentEvents(phone, on: db), others: customers ?? 0)
    }

    func delete(_ phone: String, on db: Database) throws -> ErasureReply {
        try db.cachedStatement(sql: "DELETE FROM messages WHERE \(Self.person)").execute(arguments: values(phone))
        let texts = Int64(db.changesCount)
        try db.cachedStatement(sql: "DELETE FROM optouts WHERE \(Self.events)").execute(arguments: ["phone": phone])
        let consent = Int64(db.changesCount)
        let customers = try Int64.fetchAll(
            db.cachedStatement(sql: "SELECT rowid FROM customers WHERE \(Self.customer)"), arguments: values(phone))
        for row in customers {
            // What was sold is the shop's to keep; to whom is not.
            try db.cachedStatement(
                sql: """
                    UPDATE transactions SET customer_id = NULL
                    WHERE customer_id = (SELECT id FROM customers WHERE rowid = ?)
                    """
            ).execute(arguments: [row])
            try db.cachedStatement(sql: "DELETE FROM customers WHERE rowid = ?").execute(arguments: [row])
        }
        return ErasureReply(texts: texts, consent: consent, others: Int64(customers.count))
    }

    private func values(_ phone: String) -> StatementArguments {
        ["phone": phone, "before": request.before.description]
    }

    private static func consentEvents(_ phone: String, on db: Database) throws -> Int64 {
        try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT count(*) FROM optouts WHERE \(events)"), arguments: ["phone": phone]) ?? 0
    }

    // MARK: What is kept of a person

    static func contact(_ phone: String, on db: Database) throws -> StoredContact {
        let recipient = "\(PhoneSQL.recipient()) = ifnull(\(PhoneSQL.e164(":phone")), :phone)"
        let texts = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT count(*) FROM messages WHERE \(recipient)"), arguments: ["phone": phone])
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT uid, coalesce(phone_e164, phone_number) AS phone, action, timestamp, source, message_uid
                    FROM optouts WHERE \(events) ORDER BY timestamp, id
                    """), arguments: ["phone": phone])
        let consent = rows.map { row in
            ConsentEvent(
                uid: row["uid"], phone: row["phone"], action: ConsentEvent.Action(rawValue: row["action"]) ?? .out,
                at: Timestamp(row["timestamp"] as String) ?? Timestamp(milliseconds: 0),
                source: row["source"] ?? "", messageUID: row["message_uid"])
        }
        return StoredContact(texts: texts ?? 0, consent: consent, other: try customers(phone, on: db))
    }

    /// The person as the CRM has it, in the words of its tables; nil where it has nobody of this number.
    private static func customers(_ phone: String, on db: Database) throws -> String? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT json_object('customers', json_group_array(json_object('id', id, 'name', name, 'email', email,
                    'phone', phone, 'visit_count', visit_count, 'lifetime_value', lifetime_value,
                    'first_visit_date', first_visit_date, 'last_visit_date', last_visit_date,
                    'vip_status', vip_status, 'churn_risk', churn_risk, 'avg_transaction_value', avg_transaction_value,
                    'preferred_location', preferred_location, 'preferred_budtender', preferred_budtender,
                    'created_at', created_at,
                    'transactions', (SELECT json_group_array(json_object('transaction_id', t.transaction_id,
                        'date', t.date, 'total', t.total, 'payment_method', t.payment_method, 'location', t.location,
                        'items', (SELECT json_group_array(json_object('product_sku', i.product_sku,
                            'product', p.name, 'quantity', i.quantity, 'unit_price', i.unit_price,
                            'total_price', i.total_price, 'discount', i.discount))
                            FROM transaction_items i LEFT JOIN products p ON p.sku = i.product_sku
                            WHERE i.transaction_id = t.transaction_id)))
                        FROM (SELECT * FROM transactions WHERE customer_id = c.id ORDER BY date, transaction_id) t))))
                FROM conductor_customers c
                WHERE \(CustomerAliases.means(.phone, "ifnull(\(PhoneSQL.e164(":phone")), :phone)", "c."))
                HAVING count(*) > 0
                """)
        return try String.fetchOne(statement, arguments: ["phone": phone])
    }
}
