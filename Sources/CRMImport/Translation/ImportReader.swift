public import Foundation
public import PluginKit

/// A place between two rows of a file.
public struct ImportPlace: Sendable, Hashable, Codable {
    /// In bytes of the UTF-8 text.
    public var offset: Int
    /// From 1.
    public var line: Int
}

/// A row that was not taken, and where it stands.
public struct Rejection: Sendable, Hashable {
    /// The line of the file that it begins in, from 1.
    public var line: Int
    /// Its bytes in the file, without the line ending.
    public var range: Range<Int>
    /// One phrase, without what stands in the row.
    public var reason: String
}

/// Some rows of a file, as rows of tables.
public struct ImportStep: Sendable {
    public var sections: [ImportSection]
    /// Rows that were read, those that were rejected included.
    public var read: Int
    /// Rows that were not taken.
    public var rejections: [Rejection]
    /// Where the next step begins.
    public var next: ImportPlace
    /// For each section: which of `rows` each of its rows is of.
    var origins: [[Int]]
    var rows: [(line: Int, range: Range<Int>)]
}

/// Reads a file of the till's, step by step.
public struct ImportReader {
    public let layout: Layout
    /// Where the first row begins.
    public let first: ImportPlace

    private var source: TextSource
    private var rows: RowReader
    private var translator: RowTranslator
    private var place: Int
    private var fields = RowFields()

    /// - Parameters:
    ///   - source: UTF-8 text.
    ///   - zone: of the shop.
    ///   - monthFirst: how the shop's country writes dates.
    ///   - normalise: a number in the one form that texts go to (E.164); nil for what is none.
    /// - Throws: `ImportProblem` when the file or its map cannot be understood, `TextSource.Failure` when it cannot be read.
    public init(
        _ source: TextSource, kind: CustomerTable, map: ImportMap, zone: TimeZone, monthFirst: Bool,
        normalise: @escaping (String) -> String?
    ) throws {
        var source = source
        while source.bytes.count < 2 << 20, !source.isWhole { _ = try source.more(from: 0) }
        let isWhole = source.isWhole
        if let name = map.zone, TimeZone(identifier: name) == nil {
            throw ImportProblem("zone: no time zone is called \(name): write one as America/Los_Angeles")
        }
        layout = try source.bytes.withUnsafeBufferPointer { bytes throws(ImportProblem) in
            try Layout(bytes, isWhole: isWhole, kind: kind, map: map, monthFirst: monthFirst)
        }
        translator = try RowTranslator(layout, map: map, zone: zone, normalise: normalise)
        first = ImportPlace(offset: layout.start, line: layout.line)
        rows = RowReader(delimiter: layout.delimiter, line: layout.line)
        place = layout.start
        self.source = source
    }

    /// Goes on where an earlier reader of the same file stopped.
    public mutating func resume(at next: ImportPlace) throws {
        if layout.kind == .items {
            // How often a line has come before is known by reading them again.
            while place < next.offset, try step(rows: 2_000, until: next.offset) != nil {}
        }
        source.move(to: next.offset)
        place = next.offset
        rows.line = next.line
    }

    /// Of the file in one step: what a step holds goes through a plugin, and to a project, at once.
    private static let bytes = 4 << 20

    /// The next rows, fewer where they are long; nil at the end of the file.
    public mutating func next(rows most: Int) throws -> ImportStep? {
        try step(rows: most, until: .max)
    }

    /// The headings as they stand in the file, without the line ending; nothing where there are none.
    public func headings() throws(TextSource.Failure) -> [UInt8] {
        guard let range = layout.headings else { return [] }
        var bytes = try source.part(range)
        while let last = bytes.last, last == 0x0A || last == 0x0D { bytes.removeLast() }
        return bytes
    }

    /// A row of the file as it stands there.
    public func text(of rejection: Rejection) throws(TextSource.Failure) -> [UInt8] {
        try source.part(rejection.range)
    }

    private mutating func step(rows most: Int, until end: Int) throws -> ImportStep? {
        var draft = translator.draft()
        var step = ImportStep(
            sections: [], read: 0, rejections: [], next: ImportPlace(offset: place, line: rows.line), origins: [],
            rows: [])
        let enough = place + Self.bytes
        while step.read < most, place < end, place < enough {
            let start = source.start
            let line = rows.line
            let isWhole = source.isWhole
            var reason: String?
            let found = source.bytes.withUnsafeBufferPointer { bytes in
                let found = rows.next(bytes, at: place - start, isWhole: isWhole, into: &fields)
                if case .row = found { reason = translator.take(fields, in: bytes, into: &draft) }
                return found
            }
            switch found {
            case .row(let next):
                let range = rowRange(place, start + next)
                step.read += 1
                if let reason {
                    step.rejections.append(Rejection(line: line, range: range, reason: reason))
                } else {
                    step.rows.append((line, range))
                }
                place = start + next
            case .blank(let next):
                place = start + next
            case .unclosed(let next):
                step.read += 1
                step.rejections.append(
                    Rejection(
                        line: line, range: rowRange(place, start + next),
                        reason: "a quotation mark opens a field, and none closes it"))
                place = start + next
            case .incomplete:
                guard try source.more(from: place) else {
                    throw ImportProblem("line \(line): the row is longer than 4 MB: is this a table?")
                }
            case .end:
                return finished(step, draft)
            }
        }
        return finished(step, draft)
    }

    private mutating func finished(_ step: ImportStep, _ draft: RowTranslator.Draft) -> ImportStep? {
        guard step.read > 0 else { return nil }
        var step = step
        step.sections = draft.sections
        step.origins = draft.origins
        step.next = ImportPlace(offset: place, line: rows.line)
        return step
    }

    /// Without the line ending.
    private func rowRange(_ from: Int, _ to: Int) -> Range<Int> {
        var end = to
        while end > from, [0x0A, 0x0D].contains(source.bytes[end - 1 - source.start]) { end -= 1 }
        return from..<end
    }
}

extension ImportStep {
    /// What the storage made of the step: rows that it did not take are rejected. What a file only mentions rejects nothing:
    /// the row stands without it, and is loose.
    public func rejected(by reply: ImportReply) -> [Rejection] {
        let own = origins.last?.count ?? 0
        guard let table = sections.last?.table else { return [] }
        return zip(origins.last ?? [], reply.outcomes.suffix(own)).filter { !$0.1.isPut }.map { origin, outcome in
            let row = rows[origin]
            return Rejection(line: row.line, range: row.range, reason: Self.reason(outcome.kind, table))
        }
    }

    /// What came of the rows that were taken.
    public func tally(_ reply: ImportReply) -> ImportTally {
        var tally = ImportTally()
        var outcomes = reply.outcomes[...]
        for (index, section) in sections.enumerated() {
            var counts = ImportTally.Counts()
            for outcome in outcomes.prefix(origins[index].count) where outcome.isPut {
                if outcome.isLoose { tally.loose += 1 }
                if outcome.kind == .inserted { counts.new += 1 }
                if outcome.kind == .updated { counts.updated += 1 }
            }
            outcomes = outcomes.dropFirst(origins[index].count)
            if index == sections.count - 1 { tally.own = counts } else { tally.others.append((section.table, counts)) }
        }
        return tally
    }

    private static func reason(_ kind: ImportReply.Outcome.Kind, _ table: CustomerTable) -> String {
        switch kind {
        case .orphan where table == .items:
            "its receipt or its article is not there, and the database wants both: import those first"
        case .orphan: "it refers to something that is not there: import that first"
        case .repeated:
            "an earlier row of the file has the same number, phone or e-mail and says otherwise: which of them is right?"
        case .refused: "the database refuses it: a rule of its table \(table.rawValue) is broken"
        case .keyless: "it has nothing to be known by"
        case .unchanged, .inserted, .updated: ""
        }
    }
}

/// What came of rows that were taken.
public struct ImportTally: Sendable {
    public struct Counts: Sendable, Hashable {
        public var new = 0
        public var updated = 0
    }

    /// Of the file's own table, one for each row of the file.
    public var own = Counts()
    /// Of the tables that it also tells of.
    public var others: [(table: CustomerTable, counts: Counts)] = []
    /// Rows that name something that is not there, or not only once.
    public var loose = 0
}
