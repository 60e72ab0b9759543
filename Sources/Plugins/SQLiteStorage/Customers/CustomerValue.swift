internal import GRDB

/// The columns of a row as other programs may have written them: any type, or nothing.
struct CustomerValue {
    private let row: Row

    init(_ row: Row) { self.row = row }

    /// nil for an empty text, too: forms write it where they know nothing.
    func text(_ index: Int) -> String? {
        let value: DatabaseValue = row[index]
        let text: String? =
            switch value.storage {
            case .null: nil
            case .string(let text): text
            case .int64(let number): String(number)
            case .double(let number): String(number)
            case .blob(let data): String(decoding: data, as: UTF8.self)
            }
        return text?.isEmpty == true ? nil : text
    }

    /// A whole number, also one that was written as a text or with a fraction of zero.
    func number(_ index: Int) -> Int64? {
        let value: DatabaseValue = row[index]
        return switch value.storage {
        case .int64(let number): number
        case .double(let number): Int64(exactly: number)
        case .string(let text): Int64(text)
        default: nil
        }
    }

    func count(_ index: Int) -> Int32? { number(index).flatMap(Int32.init(exactly:)) }

    /// `YYYY-MM-DD`: the time of day that some programs write behind it is none of the contract.
    func day(_ index: Int) -> String? {
        guard let text = text(index) else { return nil }
        let day = text.prefix(10)
        let isDay = day.utf8.count == 10 && day.utf8.dropFirst(4).first == UInt8(ascii: "-")
        return isDay ? String(day) : text
    }
}
