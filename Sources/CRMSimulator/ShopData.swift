internal import Glibc

/// A shop that there is not: customers, receipts, lines, articles and staff as a till exports them, for tests, benchmarks and
/// people who want to look around. The same seed and scale give the same files; nobody in them lives.
///
/// At scale 1 it has the size of a real shop: 3,186 customers, 186,394 receipts over three years with 114,136 lines on
/// about half of them, 3,299 articles, 50 staff, some 2.16 million of revenue. A few customers come often and most
/// seldom; some receipts are nobody's; some members were here before the first receipt.
public struct ShopData: Sendable {
    public let scale: Double
    private var random: SplitMix
    private let customers: Int
    private let receipts: Int
    private let lines: Int
    private let articles: [Article]
    private let staff: [String]
    private let odds: WeightedChoice

    private struct Article: Sendable {
        var sku: String
        var name: String
        var category: String
        /// Cents.
        var price: Int
    }

    /// What came of a member's receipts.
    private struct Visits {
        var count = 0
        var cents = 0
        var first = 0
        var last = 0
    }

    private static let days = 1_095
    /// 2023-07-01, in days since 1970.
    private static let firstDay = 19_539

    /// - Parameter scale: 1 is the size of a real shop; above 0, at most 1,000.
    public init(scale: Double = 1, seed: UInt64 = 1) {
        self.scale = scale
        random = SplitMix(seed)
        func size(_ count: Int) -> Int { max(1, Int((Double(count) * scale).rounded())) }
        customers = size(3_186)
        receipts = size(186_394)
        lines = size(114_136)
        var random = self.random
        articles = (0..<size(3_299)).map { Self.article($0, &random) }
        staff = (0..<50).map { index in
            "\(Self.firstNames[index % Self.firstNames.count]) \(Self.lastNames[(index * 7 + index / 26) % Self.lastNames.count])"
        }
        // A few come every week, most a few times a year.
        odds = WeightedChoice(
            (0..<customers).map { _ in
                let luck = Double(random.next() >> 11) / Double(1 << 53)
                return 0.1 + exp(-6 * luck) * 20
            })
        self.random = random
    }

    /// Writes `members.csv`, `products.csv`, `staff.csv`, `transactions.csv` and `items.csv`.
    ///
    /// - Throws: `ShopData.Failure`.
    public func write(to folder: String) throws(Failure) {
        var random = random
        try writeStaff(folder, &random)
        try writeArticles(folder, &random)
        let visits = try writeReceipts(folder, &random)
        try writeMembers(folder, visits, &random)
    }

    /// A file cannot be written.
    public struct Failure: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    // MARK: Files

    private func writeStaff(_ folder: String, _ random: inout SplitMix) throws(Failure) {
        var file = try TextFile(folder + "/staff.csv")
        file.line("Employee ID,Employee Name,Role,Store,Hire Date,Active")
        for (index, name) in staff.enumerated() {
            let hired = Self.day(Self.firstDay - random.below(1_500))
            let role = index < 4 ? "Manager" : "Budtender"
            file.line(
                "E\(100 + index),\(name),\(role),\(Self.stores[index % 3]),\(hired),\(index % 9 == 8 ? "No" : "Yes")")
        }
        try file.close()
    }

    private func writeArticles(_ folder: String, _ random: inout SplitMix) throws(Failure) {
        var file = try TextFile(folder + "/products.csv")
        file.line(
            "SKU,Product Name,Product Category,Brand,THC,CBD,Strain Type,Effects,Average Unit Cost,Retail Price,"
                + "Total Available,Vendor,Last Received")
        for (index, article) in articles.enumerated() {
            let cost = Self.money(article.price * (45 + random.below(20)) / 100)
            // One in eight is sold out, and one in six low.
            let luck = random.below(24)
            let stock = luck < 3 ? 0 : luck < 7 ? 1 + random.below(5) : 6 + random.below(120)
            let strain = ["Indica", "Sativa", "Hybrid"][index % 3]
            file.line(
                "\(article.sku),\(article.name),\(article.category),Brand \(index % 61),\(12 + random.below(18)).\(random.below(10))%,"
                    + "\(random.below(3)).\(random.below(10))%,\(strain),\(Self.effects[index % 4]),$\(cost),"
                    + "$\(Self.money(article.price)),\(stock),Vendor \(index % 37),"
                    + Self.day(Self.firstDay + Self.days - random.below(120)))
        }
        try file.close()
    }

    private func writeReceipts(_ folder: String, _ random: inout SplitMix) throws(Failure) -> [Visits] {
        var visits = [Visits](repeating: Visits(), count: customers)
        var file = try TextFile(folder + "/transactions.csv")
        var items = try TextFile(folder + "/items.csv")
        file.line("Trans No,Date,Member ID,Total,Payment Type,Shop Location,Employee Name")
        items.line("Trans No,SKU,Quantity Sold,Unit Price,Line Total,Line Discount")
        var left = lines
        for index in 0..<receipts {
            let number = 100_000 + index
            let day = Self.firstDay + index * Self.days / receipts
            // Half of the receipts have one to four lines, so that all of them are as many as they should be.
            var cents = 200 + random.below(random.below(3) == 0 ? 3_600 : 1_200)
            var wanted = 0
            if left > 0, random.below(receipts - index) * 9 < left * 5 {
                wanted = min(left, 1 + [0, 0, 0, 1, 1, 2, 3][random.below(7)])
                if receipts - index <= left { wanted = max(wanted, (left + receipts - index - 1) / (receipts - index)) }
                cents = 0
            }
            left -= wanted
            for _ in 0..<wanted {
                let article = articles[random.below(articles.count)]
                let quantity = random.below(6) == 0 ? 2 : 1
                let discount = random.below(8) == 0 ? article.price * quantity / 10 : 0
                let total = article.price * quantity - discount
                cents += total
                items.line(
                    "\(number),\(article.sku),\(quantity),\(Self.money(article.price)),\(Self.money(total)),"
                        + Self.money(discount))
            }
            var member = ""
            if random.below(32) > 0 {
                let who = odds.choose(&random)
                member = Self.member(who)
                if visits[who].count == 0 { visits[who].first = day }
                visits[who].count += 1
                visits[who].cents += cents
                visits[who].last = day
            }
            let store = Self.stores[member.isEmpty ? random.below(3) : (member.utf8.last.map(Int.init) ?? 0) % 3]
            file.line(
                "\(number),\(Self.day(day)),\(member),\(Self.money(cents)),\(random.below(3) == 0 ? "Debit" : "Cash"),\(store),"
                    + staff[random.below(staff.count)])
        }
        try file.close()
        try items.close()
        return visits
    }

    private func writeMembers(_ folder: String, _ visits: [Visits], _ random: inout SplitMix) throws(Failure) {
        var file = try TextFile(folder + "/members.csv")
        file.line("Member ID,Name,Email,Mobile Phone,Total Visits,Lifetime Value,Date Joined,Last Visited")
        for (index, visit) in visits.enumerated() {
            let first = Self.firstNames[random.below(Self.firstNames.count)]
            let last = Self.lastNames[random.below(Self.lastNames.count)]
            let hasMail = random.below(5) > 0
            // One in five was here before the first receipt that there is.
            let before = random.below(5) == 0 ? 1 + random.below(30) : 0
            let joined =
                visit.count == 0 && before == 0
                ? ""
                : Self.day((visit.count > 0 ? visit.first : Self.firstDay) - (before > 0 ? 1 + random.below(900) : 0))
            let seen = visit.count > 0 ? Self.day(visit.last) : before > 0 ? Self.day(Self.firstDay - 1) : ""
            let cents = visit.cents + before * (900 + random.below(600))
            file.line(
                "\(Self.member(index)),\"\(last), \(first)\",\(hasMail ? "member\(index)@example.com" : ""),\(Self.phone(index)),"
                    + "\(visit.count + before),\"$\(Self.grouped(cents))\",\(joined),\(seen)")
        }
        try file.close()
    }

    // MARK: Words

    private static func member(_ index: Int) -> String {
        let digits = String(index)
        return "M" + String(repeating: "0", count: max(0, 7 - digits.count)) + digits
    }

    /// 555-0100 to 555-0199 of an area code are nobody's; where all of them are given out, members have none.
    private static func phone(_ index: Int) -> String {
        let area = index / 100
        guard area < 720 else { return "" }
        let code = 200 + area / 90 * 100 + area % 90
        return "(\(code)) 555-01\(index % 100 < 10 ? "0" : "")\(index % 100)"
    }

    private static func article(_ index: Int, _ random: inout SplitMix) -> Article {
        let category = ["Flower", "Edible", "Vape", "Pre-Roll", "Concentrate", "Topical", "Drink"][random.below(7)]
        return Article(
            sku: "SKU\(10_000 + index)", name: "\(adjectives[index % adjectives.count]) \(category) No. \(index)",
            category: category, price: 250 + random.below(10) * 100 + (random.below(5) == 0 ? 1_200 : 0))
    }

    /// MM/DD/YYYY.
    private static func day(_ days: Int) -> String {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let ofEra = shifted - era * 146_097
        let year = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * year + year / 4 - year / 100)
        let shiftedMonth = (5 * ofYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let day = ofYear - (153 * shiftedMonth + 2) / 5 + 1
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(two(month))/\(two(day))/\(year + era * 400 + (month <= 2 ? 1 : 0))"
    }

    private static func money(_ cents: Int) -> String {
        "\(cents / 100).\(cents % 100 < 10 ? "0" : "")\(cents % 100)"
    }

    private static func grouped(_ cents: Int) -> String {
        let whole = cents / 100
        guard whole >= 1_000 else { return money(cents) }
        let rest = whole % 1_000
        let zeros = rest < 10 ? "00" : rest < 100 ? "0" : ""
        return "\(whole / 1_000),\(zeros)\(money(rest * 100 + cents % 100))"
    }

    private static let stores = ["Downtown", "Uptown", "Harbor"]
    private static let effects = ["Relaxed", "Happy", "Sleepy", "Focused"]
    private static let adjectives = [
        "Amber", "Blue", "Calm", "Dawn", "Ember", "Frost", "Golden", "Hazel", "Ivory", "Jade", "Lunar", "Maple",
        "North",
    ]
    private static let firstNames = [
        "Ada", "Ben", "Cleo", "Dan", "Edda", "Finn", "Gala", "Hugo", "Iris", "Jon", "Kira", "Leo", "Mina", "Nils",
        "Olga",
        "Pia", "Quin", "Rosa", "Sven", "Tess", "Udo", "Vera", "Will", "Xena", "Yan", "Zoë",
    ]
    private static let lastNames = [
        "Example", "Sample", "Placeholder", "Muster", "Specimen", "Fiction", "Invented", "O'Model", "Nobody",
        "de la Prueba",
        "Testerton", "Mockford", "Dummy",
    ]
}
