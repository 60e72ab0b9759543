internal import GRDB

/// By what a customer is known besides: numbers, addresses and member ids of those who were merged into them.
enum CustomerAliases {
    enum Kind: String, CaseIterable {
        case member = "member_id"
        case phone
        case email

        /// What of a row is compared; `table` stands before a column's name, with its point.
        func column(_ table: String = "") -> String {
            switch self {
            case .member: "\(table)member_id"
            case .phone: PhoneSQL.recipient(table, phone: "phone")
            case .email: "lower(\(table)email)"
            }
        }
    }

    /// Whether a row of `customers` is the one of this value, or took the place of that.
    ///
    /// - Parameters:
    ///   - value: an expression, in the form that is compared.
    ///   - table: what stands before a column's name, with its point.
    static func means(_ kind: Kind, _ value: String, _ table: String = "") -> String {
        """
        (\(kind.column(table)) = \(value) OR \(table)id IN (SELECT customer_id FROM conductor_customer_aliases \
        WHERE kind = '\(kind.rawValue)' AND value = \(value)))
        """
    }

    /// What `id` is known by goes over to another customer; that customer's own is not noted.
    static func move(from id: String, to other: String, on db: Database) throws {
        try db.cachedStatement(sql: "UPDATE conductor_customer_aliases SET customer_id = ? WHERE customer_id = ?")
            .execute(arguments: [other, id])
        for kind in Kind.allCases {
            let own = kind.column()
            try db.cachedStatement(
                sql: """
                    INSERT OR REPLACE INTO conductor_customer_aliases (kind, value, customer_id)
                        SELECT '\(kind.rawValue)', \(own), :other FROM customers WHERE id = :id AND \(own) <> ''
                    """
            ).execute(arguments: ["id": id, "other": other])
        }
    }
}
