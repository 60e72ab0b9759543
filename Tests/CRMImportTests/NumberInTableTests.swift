import Foundation
import Testing

@testable import CRMImport

@Suite("A number in a file")
struct NumberInTableTests {
    private func occurs(_ phone: String, in text: String) throws -> Bool {
        let path = FileManager.default.temporaryDirectory.path + "/conductor-number-\(UUID().uuidString)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        defer { unlink(path) }
        let descriptor = open(path, O_RDONLY)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        return try NumberInTable(phone, normalise: ImportedFile.normalise).occurs(
            in: TextSource(descriptor: descriptor))
    }

    @Test(
        "is found however it is written",
        arguments: ["+16195550142", "6195550142", "(619) 555-0142", "\"619-555-0142\"", "619.555.0142 "])
    func forms(written: String) throws {
        #expect(try occurs("+16195550142", in: "Member,Phone,Name\nM1,\(written),Ana\n"))
        #expect(try occurs("+16195550142", in: "Member;Phone\nM1;\(written)"))
    }

    @Test("is not found in another, nor in longer digits", arguments: ["6195550143", "16195550142999", "0142", ""])
    func others(written: String) throws {
        #expect(try !occurs("+16195550142", in: "Member,Phone,Name\nM1,\(written),Ana\n"))
    }

    @Test("is found at the end of a file that is read in pieces")
    func pieces() throws {
        let rows = String(repeating: "M1,(619) 555-0101,Ana Example\n", count: 80_000)
        #expect(try !occurs("+16195550142", in: rows))
        #expect(try occurs("+16195550142", in: rows + "M2,619 555 0142,Bo"))
    }
}
