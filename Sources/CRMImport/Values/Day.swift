internal import Foundation
internal import PluginKit

/// Which number of a date like 07/04/2026 is the month.
public enum DateOrder: String, Sendable, Hashable, CaseIterable {
    case monthFirst = "mdy"
    case dayFirst = "dmy"
}

/// A day of the calendar.
struct Day: Sendable, Hashable {
    var year: Int
    var month: Int
    var day: Int

    /// Nil where there is no such day.
    init?(_ year: Int, _ month: Int, _ day: Int) {
        guard (1900...2200).contains(year), (1...12).contains(month), day >= 1, day <= Self.days(month, of: year) else {
            return nil
        }
        (self.year, self.month, self.day) = (year, month, day)
    }

    /// - Parameter days: since 1970-01-01.
    init?(days: Int) {
        // Days of the civil calendar, counted in eras of 400 years from 0000-03-01.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let ofEra = shifted - era * 146_097
        let yearOfEra = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * ofYear + 2) / 153
        self.init(
            yearOfEra + era * 400 + (month >= 10 ? 1 : 0), month < 10 ? month + 3 : month - 9,
            ofYear - (153 * month + 2) / 5 + 1)
    }

    private static func days(_ month: Int, of year: Int) -> Int {
        switch month {
        case 2: year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// `YYYY-MM-DD`
    var text: String {
        func digits(_ value: Int, _ unit: Int) -> UInt8 { UInt8(0x30 + value / unit % 10) }
        return String(unsafeUninitializedCapacity: 10) { bytes in
            for (place, unit) in [1_000, 100, 10, 1].enumerated() { bytes[place] = digits(year, unit) }
            (bytes[4], bytes[7]) = (UInt8(ascii: "-"), UInt8(ascii: "-"))
            (bytes[5], bytes[6]) = (digits(month, 10), digits(month, 1))
            (bytes[8], bytes[9]) = (digits(day, 10), digits(day, 1))
            return 10
        }
    }
}

/// Days as people and tills write them: `2026-07-04`, `7/4/26`, `04.07.2026`, `Jul 4, 2026`, `4-Jul-2026`, `20260704`, a
/// spreadsheet's count of days; a time of day behind it is passed over, unless it says how far it is from UTC: then the
/// day is that of the shop.
struct DayReader {
    let order: DateOrder?
    let zone: TimeZone
    /// Two digits of a year are of this century up to this year, as 2046, else of the last one.
    private static let latest = 46
    private var offsets: [Int64: Int] = [:]

    init(order: DateOrder?, zone: TimeZone) {
        self.order = order
        self.zone = zone
    }

    mutating func read(_ bytes: Bytes) -> Parsed<Day> {
        if Blank.isBlank(bytes) { return .blank }
        // The common forms cost no search.
        if bytes.count >= 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            let year = Self.number(bytes, 0, 4), let month = Self.number(bytes, 5, 2),
            let day = Self.number(bytes, 8, 2)
        {
            guard let found = Day(year, month, day) else { return Self.none }
            return .value(local(bytes, found))
        }
        let parts = Self.parts(bytes)
        if parts.count == 1, case .number(let number, let digits) = parts[0] { return Self.alone(number, digits) }
        guard parts.count >= 3 else { return .refused("it is no date, as 2026-07-04") }
        return dated(parts, isDotted: bytes.contains(UInt8(ascii: ".")))
    }

    private static let none = Parsed<Day>.refused("there is no such day")

    private enum Part {
        case number(Int, digits: Int)
        case month(Int)
    }

    private func dated(_ parts: [Part], isDotted: Bool) -> Parsed<Day> {
        func day(_ year: (Int, digits: Int), _ month: Int, _ day: Int) -> Parsed<Day> {
            let full =
                year.digits > 2 ? year.0 : year.0 <= Self.latest ? 2000 + year.0 : 1900 + year.0
            return Day(full, month, day).map { .value($0) } ?? Self.none
        }
        switch (parts[0], parts[1], parts[2]) {
        case (.month(let month), .number(let date, _), .number(let year, let digits)),
            (.number(let date, _), .month(let month), .number(let year, let digits)):
            return day((year, digits), month, date)
        case (.number(let year, 4), .number(let month, _), .number(let date, _)),
            (.number(let year, 4), .month(let month), .number(let date, _)):
            return day((year, 4), month, date)
        case (.number(let first, _), .number(let second, _), .number(let year, let digits)):
            // Points are the habit of places where the day comes first.
            guard let order = isDotted ? .dayFirst : order ?? Self.certain(first, second) else {
                return .refused("whether day or month comes first is not known: say it with --dates mdy or dmy")
            }
            return order == .monthFirst ? day((year, digits), first, second) : day((year, digits), second, first)
        default:
            return .refused("it is no date, as 2026-07-04")
        }
    }

    /// The order that a date tells by itself.
    static func certain(_ first: Int, _ second: Int) -> DateOrder? {
        if first > 12, second <= 12 { return .dayFirst }
        return second > 12 && first <= 12 ? .monthFirst : nil
    }

    /// The first two numbers of a date whose order must be known; nil for others.
    static func pair(_ bytes: Bytes) -> (Int, Int)? {
        let parts = parts(bytes)
        guard parts.count >= 3, !bytes.contains(UInt8(ascii: ".")), case .number(let first, let digits) = parts[0],
            digits <= 2, case .number(let second, _) = parts[1], case .number = parts[2]
        else { return nil }
        return (first, second)
    }

    /// `20260704`, or a spreadsheet's days since 1899-12-30.
    private static func alone(_ number: Int, _ digits: Int) -> Parsed<Day> {
        if digits == 8 { return Day(number / 10_000, number / 100 % 100, number % 100).map { .value($0) } ?? none }
        guard digits == 5, (18_264...73_050).contains(number) else { return .refused("it is no date, as 2026-07-04") }
        return Day(days: number - 25_569).map { .value($0) } ?? none
    }

    /// Numbers and names of months, up to three.
    private static func parts(_ bytes: Bytes) -> [Part] {
        var parts: [Part] = []
        var place = 0
        while place < bytes.count, parts.count < 3 {
            let start = place
            if bytes[place].isDigit {
                while place < bytes.count, bytes[place].isDigit { place += 1 }
                guard place - start <= 8, let number = number(bytes, start, place - start) else { return [] }
                // A fraction of a spreadsheet's day is its time.
                if parts.isEmpty, place - start == 5, place < bytes.count, bytes[place] == UInt8(ascii: ".") {
                    return [.number(number, digits: 5)]
                }
                parts.append(.number(number, digits: place - start))
            } else if bytes[place].isLetter {
                while place < bytes.count, bytes[place].isLetter { place += 1 }
                let word = String(decoding: bytes[start..<place], as: UTF8.self).lowercased()
                if let month = month(word) {
                    parts.append(.month(month))
                } else if !passedOver.contains(word) {
                    return []
                }
            } else {
                place += 1
            }
        }
        return parts
    }

    private static let months = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december",
    ]
    /// Days of the week, and endings of ordinal numbers.
    private static let passedOver: Set<String> = [
        "mon", "monday", "tue", "tues", "tuesday", "wed", "wednesday", "thu", "thur", "thurs", "thursday", "fri",
        "friday", "sat", "saturday", "sun", "sunday", "st", "nd", "rd", "th", "of", "t",
    ]

    private static func month(_ word: String) -> Int? {
        guard word.count >= 3 else { return nil }
        if word == "sept" { return 9 }
        return months.firstIndex { $0 == word || word.count == 3 && $0.hasPrefix(word) }.map { $0 + 1 }
    }

    private static func number(_ bytes: Bytes, _ start: Int, _ count: Int) -> Int? {
        guard start + count <= bytes.count else { return nil }
        var number = 0
        for byte in bytes[start..<(start + count)] {
            guard byte.isDigit else { return nil }
            number = number * 10 + Int(byte &- 0x30)
        }
        return number
    }

    /// The day at the shop, where the time of day says how far it is from UTC.
    private mutating func local(_ bytes: Bytes, _ day: Day) -> Day {
        guard bytes.count >= 20, bytes.last == UInt8(ascii: "Z") || bytes[19...].contains(where: Self.isOffset),
            let time = Timestamp(rfc3339: String(decoding: bytes, as: UTF8.self))
        else { return day }
        let seconds = time.milliseconds / 1_000
        // No zone changes its clocks within a quarter of an hour.
        let quarter = seconds / 900
        let offset =
            offsets[quarter] ?? zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(seconds)))
        if offsets.count > 10_000 { offsets = [:] }
        offsets[quarter] = offset
        return Day(days: Int((Double(seconds + Int64(offset)) / 86_400).rounded(.down))) ?? day
    }

    private static func isOffset(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") }
}
