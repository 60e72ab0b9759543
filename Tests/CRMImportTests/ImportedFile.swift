import Foundation
import PluginKit
import Testing

@testable import CRMImport

/// A file of the till's, read as the gateway does.
struct ImportedFile {
    /// `customers: name=Ana phone=+16195550101`, one for each row of a table, in the order of tables.
    var rows: [String] = []
    /// `line 3: reason`
    var rejects: [String] = []
    var layout: Layout
    var encoding: TextEncoding
    var read = 0
    /// Rows of each step.
    var steps: [Int] = []

    /// - Parameters:
    ///   - wish: what a person says of it.
    ///   - isCut: each step is read by another reader, which goes on where the last one stopped.
    init(
        _ text: String, _ kind: CustomerTable, _ wish: ImportWish = ImportWish(), bytes: [UInt8]? = nil,
        monthFirst: Bool = true, zone: String = "America/Los_Angeles", step: Int = 1_000, isCut: Bool = false
    ) throws {
        let file = try TemporaryFile(bytes ?? Array(text.utf8))
        defer { file.remove() }
        encoding = file.encoding
        func made() throws -> ImportReader {
            try ImportReader(
                TextSource(descriptor: file.descriptor), kind: kind, map: try wish.map(for: kind),
                zone: try #require(TimeZone(identifier: zone)), monthFirst: monthFirst, normalise: Self.normalise)
        }
        var reader = try made()
        layout = reader.layout
        var tables: [CustomerTable: [String]] = [:]
        while let next = try reader.next(rows: step) {
            read += next.read
            steps.append(next.read)
            rejects += next.rejections.map { "line \($0.line): \($0.reason)" }
            for section in next.sections {
                for row in 0..<section.count { tables[section.table, default: []].append(Self.text(section, row)) }
            }
            guard isCut else { continue }
            reader = try made()
            try reader.resume(at: next.next)
        }
        rows = CustomerTable.allCases.flatMap { tables[$0] ?? [] }
    }

    /// Ten digits of the North American plan.
    static func normalise(_ written: String) -> String? {
        let digits = written.filter(\.isNumber)
        return digits.count == 10 ? "+1\(digits)" : digits.count == 11 && digits.hasPrefix("1") ? "+\(digits)" : nil
    }

    private static func text(_ section: ImportSection, _ row: Int) -> String {
        let cells = zip(section.columns, section[row]).compactMap { name, value -> String? in
            switch value {
            case .absent: nil
            case .text(let text), .day(let text): "\(name)=\(text)"
            case .count(let number): "\(name)=\(number)"
            case .money(let micros): "\(name)=\(micros)µ"
            case .flag(let flag): "\(name)=\(flag)"
            }
        }
        return "\(section.table.rawValue): \(cells.joined(separator: " "))"
    }
}

/// A file as UTF-8, as the gateway keeps one.
private struct TemporaryFile {
    let path: String
    let descriptor: CInt
    let encoding: TextEncoding

    init(_ bytes: [UInt8]) throws {
        var sniffer = EncodingSniffer()
        // In pieces of three, so that characters are cut.
        for start in stride(from: 0, to: bytes.count, by: 3) {
            bytes[start..<min(start + 3, bytes.count)].withUnsafeBytes { sniffer.look(at: $0) }
        }
        let (encoding, mark) = sniffer.finish()
        self.encoding = encoding
        var transcoder = Transcoder(encoding, mark: mark)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            bytes[start..<min(start + 3, bytes.count)].withUnsafeBytes { transcoder.convert($0, into: &text) }
        }
        transcoder.finish(into: &text)
        path = FileManager.default.temporaryDirectory.path + "/conductor-import-\(UUID().uuidString)"
        try Data(text).write(to: URL(fileURLWithPath: path))
        descriptor = open(path, O_RDONLY)
        try #require(descriptor >= 0)
    }

    func remove() {
        close(descriptor)
        unlink(path)
    }
}
