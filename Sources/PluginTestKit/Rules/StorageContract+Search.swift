import PluginKit

extension StorageContract {
    /// What a storage that can search finds. One that cannot is passed over.
    static let searchRules: [ContractRule<any StorageRig>] = [
        .init("a search finds the texts with all its words, as beginnings, whatever case and accents") { rig in
            var other = Message.inbound("u3", "nothing of it")
            other.phone = "+442079460018"
            try await rig.storage.put(
                [.inbound("u1", "Ein Café in Zürich, bitte"), .inbound("u2", "cafeteria (open)"), other],
                context: .init())
            guard try await rig.found("cafe") != nil else { return }
            for (words, uids) in [
                ("cafe", ["u2", "u1"]), ("CAFÉ", ["u2", "u1"]), ("zurich cafe", ["u1"]), ("cafet", ["u2"]),
                ("afe", []), ("cafe nothing", []), ("open", ["u2"]), ("  bitte  ", ["u1"]), ("Zürich, bit", ["u1"]),
            ] {
                let found = try await rig.found(words) ?? []
                try expect(found.map(\.uid) == uids, "a search found \(found.map { $0.uid ?? "-" }), not \(uids)")
            }
        },
        .init("D3: a search finds a number as people write it, or its last digits") { rig in
            var other = Message.inbound("u2", "x")
            other.phone = "+442079460018"
            try await rig.storage.put([.inbound("u1", "y"), other], context: .init())
            guard try await rig.found("y") != nil else { return }
            for words in ["+16195550123", "(619) 555-0123", "6195550123", "619-555", "555-0123", "0123", "1619555"] {
                let found = try await rig.found(words) ?? []
                try expect(found.map(\.uid) == ["u1"], "\(found.count) texts were found by a form of one's number")
            }
        },
        .init("a search goes with the other filters, and is paged both ways") { rig in
            try await rig.storage.put((0..<9).map { .inbound("u\($0)", "word \($0)") }, context: .init())
            try await rig.storage.put([.inbound("v", "another")], context: .init())
            try rig.insertForeign(phone: "+16195550199", content: "word of a program")
            guard let all = try await rig.found("word") else { return }
            try expect(all.count == 10, "of 10 texts with a word, a program's among them, \(all.count) were found")
            let inbound = try await rig.found("word") { $0.direction = .inbound }
            try expect(inbound?.count == 9, "of 9 that came in, \(inbound?.count ?? 0) were found")
            let one = try await rig.found("word") { $0.phone = "+16195550199" }
            try expect(one?.map(\.content) == ["word of a program"], "not the ones of one number were found")
            for oldestFirst in [true, false] {
                var seen: [Message] = []
                var cursor: Int64?
                while true {
                    let page =
                        try await rig.found("word") {
                            ($0.oldestFirst, $0.limit, $0.cursor) = (oldestFirst, 3, cursor)
                        } ?? []
                    if page.isEmpty { break }
                    seen += page
                    cursor = page.last?.storageID
                    try expect(seen.count <= 10, "the pages do not end")
                }
                let sorted = all.reversed().map(\.storageID)
                try expect(seen.map(\.storageID) == (oldestFirst ? sorted : sorted.reversed()), "pages hold others")
            }
        },
        .init("a search finds what a text is now, and nothing of what was erased") { rig in
            try await rig.storage.put([.inbound("u1", "early words"), .inbound("u2", "more words")], context: .init())
            try await rig.storage.put([.inbound("u1", "late words")], context: .init())
            guard let late = try await rig.found("late") else { return }
            try expect(late.map(\.uid) == ["u1"], "an amended text is not found by its new words")
            try expect(try await rig.found("early")?.isEmpty == true, "an amended text is found by its old words")
            let far = Timestamp(milliseconds: 4_000_000_000_000)
            _ = try await rig.storage.erase(ErasureRequest(phone: "+16195550123", before: far), context: .init())
            try expect(try await rig.found("words")?.isEmpty == true, "an erased text is found")
        },
        .init("whatever is typed is searched for, and is never an operator or an error") { rig in
            try await rig.storage.put([.inbound("u1", "salt and pepper"), .inbound("u2", "sugar")], context: .init())
            guard try await rig.found("salt") != nil else { return }
            for words in [
                "salt OR sugar", "salt NOT pepper", "NEAR(salt pepper)", "salt AND sugar", "content:salt",
                "-salt sugar",
            ] {
                let found = try await rig.found(words) ?? []
                try expect(
                    found.isEmpty || found.map(\.uid) == ["u1"] && !words.contains("sugar"), "an operator worked")
            }
            for words in [
                "", " ", "\"", "*", "(", ")", "a\"b", "'; DROP TABLE messages; --", "\\", "%", "_", "\u{0}", "😀",
            ] {
                try expect(try await rig.found(words)?.isEmpty == true, "a search for no word found something")
            }
            var random = SeededGenerator(seed: 7)
            let letters = Array("ab \"'*():^-+{}[]\\%_\u{0}\u{301}é😀中NOTORAND\n")
            for _ in 0..<300 {
                let words = String(
                    (0..<Int.random(in: 0...12, using: &random)).compactMap { _ in
                        letters.randomElement(using: &random)
                    })
                _ = try await rig.found(words)
            }
        },
        .init("customers are found by name, e-mail or number, in the order of their names") { rig in
            guard try rig.runForeign(people) else { return }
            guard let all = try await rig.people("ex") else { return }
            try expect(
                all.map(\.name) == ["Ana Zoë", "Bo Brandt", "Cid Brandt"], "found were \(all.compactMap(\.name))")
            for (words, names) in [
                ("zoe", ["Ana Zoë"]), ("BRAND", ["Bo Brandt", "Cid Brandt"]), ("brandt cid", ["Cid Brandt"]),
                ("bo@example.com", ["Bo Brandt"]), ("619 555-0103", ["Cid Brandt"]), ("0101", ["Ana Zoë"]), ("\"", []),
                ("nobody", []),
            ] {
                let found = try await rig.people(words) ?? []
                try expect(found.compactMap(\.name) == names, "found were \(found.count), not \(names.count)")
            }
            try expect(try await rig.people("ex", limit: 1)?.map(\.name) == ["Ana Zoë"], "not the first one came")
            _ = try rig.runForeign("UPDATE customers SET name = 'Dora' WHERE name = 'Bo Brandt'")
            _ = try rig.runForeign("DELETE FROM customers WHERE name = 'Cid Brandt'")
            try expect(try await rig.people("brandt")?.isEmpty == true, "one is found by a name that is no more")
            try expect(try await rig.people("dora")?.count == 1, "one is not found by the new name")
        },
    ]

    private static let people = """
        INSERT INTO customers (name, email, phone) VALUES ('Cid Brandt', 'cid@example.com', '619-555-0103'),
            ('Ana Zoë', 'ana@example.com', '(619) 555-0101'), ('Bo Brandt', 'bo@example.com', '+16195550102')
        """
}

/// The same numbers at every run.
private struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let mixed = (state ^ (state >> 33)) &* 0xff51_afd7_ed55_8ccd
        return mixed ^ (mixed >> 33)
    }
}

extension StorageRig {
    /// What a search finds, newest first unless changed; nil where the storage cannot search.
    fileprivate func found(_ words: String, _ change: (inout MessageQuery) -> Void = { _ in }) async throws
        -> [Message]?
    {
        var query = MessageQuery(limit: 100, search: words)
        change(&query)
        do {
            return try await storage.messages(query, context: .init())
        } catch let error as PluginError where error.code == .unsupported {
            return nil
        }
    }

    fileprivate func people(_ words: String, limit: Int32 = 20) async throws -> [Customer]? {
        guard let directory = storage as? any CustomerDirectory else { return nil }
        do {
            return try await directory.search(CustomerSearch(words: words, limit: limit), context: .init())
        } catch let error as PluginError where error.code == .unsupported {
            return nil
        }
    }
}
