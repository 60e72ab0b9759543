internal import PluginKit

/// The line of a file that says what its columns are.
enum Heading {
    /// In small letters, whatever is neither letter nor digit as one space between words: `Receipt #` and `receipt`,
    /// `Total_Visits` and `total visits` are alike; so are `totalVisits`.
    static func normalised(_ text: String) -> String {
        var words: [String] = []
        var word = ""
        var last: Character?
        for character in text {
            if character.isLetter || character.isNumber {
                if let last, last.isLowercase, character.isUppercase, !word.isEmpty {
                    words.append(word)
                    word = ""
                }
                word += character.lowercased()
            } else if !word.isEmpty {
                words.append(word)
                word = ""
            }
            last = character
        }
        if !word.isEmpty { words.append(word) }
        return words.joined(separator: " ")
    }

    /// Which columns of the file are what: each of ours once, where several headings would do the surest.
    static func assign(_ headings: [String], of kind: CustomerTable) -> [Int: ImportColumn] {
        let names = headings.map(normalised)
        var assigned: [Int: ImportColumn] = [:]
        // A heading that several of ours know is the one's that knows it best.
        var wishes: [(rank: Int, order: Int, place: Int, column: ImportColumn)] = []
        for (order, column) in ImportColumn.all(for: kind).enumerated() {
            for (place, name) in names.enumerated() {
                guard let rank = column.headings.firstIndex(of: name) else { continue }
                wishes.append((rank, order, place, column))
            }
        }
        var taken: Set<ImportColumn> = []
        for wish in wishes.sorted(by: { ($0.order, $0.rank, $0.place) < ($1.order, $1.rank, $1.place) })
        where assigned[wish.place] == nil && !taken.contains(wish.column) {
            assigned[wish.place] = wish.column
            taken.insert(wish.column)
        }
        return assigned
    }
}
