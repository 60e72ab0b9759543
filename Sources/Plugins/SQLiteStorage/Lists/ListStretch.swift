internal import GRDB

/// Where the rows of a page are, in one stretch of the order or in two: of those with the key of the last row before, the
/// rest; and then all behind them. SQLite finds each by the index of the order, and both at once by walking through it.
struct ListStretch {
    var condition = "1"
    var values: [any DatabaseValueConvertible] = []
    /// Within it.
    var order: String

    /// - Parameter number: of the first of `values` among a statement's arguments.
    static func all(
        _ key: String, _ shape: ListShape, _ cursor: ListCursor?, _ isDescending: Bool, from number: Int
    ) -> [ListStretch] {
        let (sign, direction) = isDescending ? ("<", "DESC") : (">", "ASC")
        let byID = "\(shape.id) \(direction)"
        let order = key == shape.id ? byID : "\(key) \(direction), \(byID)"
        guard let cursor else { return [ListStretch(order: order)] }
        if shape.grouping != nil {
            return [
                ListStretch(
                    condition: "(\(key), \(shape.id)) \(sign) (?\(number), ?\(number + 1))",
                    values: [cursor.key, cursor.id], order: order
                )
            ]
        }
        let behind = ListStretch(condition: "\(key) \(sign) ?\(number)", values: [cursor.key], order: order)
        // One key for each row.
        if key == shape.id { return [behind] }
        let same = ListStretch(
            condition: "\(key) = ?\(number) AND \(shape.id) \(sign) ?\(number + 1)", values: [cursor.key, cursor.id],
            order: byID)
        return [same, behind]
    }
}
