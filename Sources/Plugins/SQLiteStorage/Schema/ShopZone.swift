internal import Foundation
internal import GRDB

/// The shop's zone in SQL, which knows no zones: since which second the clocks are how many minutes ahead of UTC.
enum ShopZone {
    /// Years from now for which the table knows the changes: it is filled at every start.
    private static let years = 20

    /// Makes the table right for the zone that the rules name; the machine's own where they name none.
    ///
    /// - Returns: a sentence when the rules name no zone that is known, so that UTC counts.
    static func fill(now: Int64, on db: Database) throws -> String? {
        let named = try String.fetchOne(db, sql: "SELECT zone FROM conductor_crm_rules") ?? ""
        let name = named.isEmpty ? TimeZone.current.identifier : named
        if named.isEmpty { try db.execute(sql: "UPDATE conductor_crm_rules SET zone = ?", arguments: [name]) }
        guard let zone = TimeZone(identifier: name) else {
            try db.execute(
                sql: "INSERT OR IGNORE INTO conductor_zone (zone, since, minutes) VALUES (?, 0, 0)", arguments: [name])
            return "conductor_crm_rules.zone is no time zone that is known here, so that days are counted in UTC: "
                + "write one as America/Los_Angeles"
        }
        let wanted = changes(of: zone, now: now)
        let rows = try Row.fetchAll(
            db, sql: "SELECT since, minutes FROM conductor_zone WHERE zone = ? ORDER BY since", arguments: [name])
        guard rows.map({ [$0[0] as Int64, $0[1]] }) != wanted else { return nil }
        try db.execute(sql: "DELETE FROM conductor_zone WHERE zone = ?", arguments: [name])
        for change in wanted {
            try db.execute(
                sql: "INSERT INTO conductor_zone (zone, since, minutes) VALUES (?, ?, ?)",
                arguments: [name, change[0], change[1]])
        }
        return nil
    }

    /// Whether a look-up has to fill the table first: somebody named another zone.
    static func isFilled(on db: Database) throws -> Bool {
        let statement = try db.cachedStatement(
            sql: """
                SELECT EXISTS (SELECT 1 FROM conductor_crm_rules r JOIN conductor_zone z ON z.zone = r.zone)
                """)
        return try Bool.fetchOne(statement) ?? false
    }

    /// Pairs of second and minutes, from the year before this one on.
    private static func changes(of zone: TimeZone, now: Int64) -> [[Int64]] {
        let year: Int64 = 31_556_952
        let first = (now / year - 1) * year
        let end = Date(timeIntervalSince1970: Double(first + Int64(years) * year))
        var moment = Date(timeIntervalSince1970: Double(first))
        var found = [[first, Int64(zone.secondsFromGMT(for: moment) / 60)]]
        while let next = zone.nextDaylightSavingTimeTransition(after: moment), next > moment, next < end {
            found.append([Int64(next.timeIntervalSince1970), Int64(zone.secondsFromGMT(for: next) / 60)])
            moment = next
        }
        return found
    }
}
