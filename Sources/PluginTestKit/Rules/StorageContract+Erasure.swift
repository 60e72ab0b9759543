import PluginKit

extension StorageContract {
    /// What is erased is gone, and nothing else is. A storage that cannot erase is passed over.
    static let erasureRules: [ContractRule<any StorageRig>] = [
        .init("a person's rows are erased, in every form of the number, and nobody else's") { rig in
            try await rig.storage.put([.inbound("u1", "mine"), .inbound("u2", "mine too")], context: .init())
            var other = Message.inbound("u3", "another's")
            other.phone = "+16195550199"
            try await rig.storage.put([other], context: .init())
            let phone = try need(try await rig.storage.all().first?.phone, "a row without a number")
            try rig.insertForeign(phone: national(phone), content: "queued by a program")
            let event = ConsentEvent(uid: "c1", phone: phone, action: .out, at: rig.clock.now, source: "sms")
            try await rig.storage.recordConsent([event], context: .init())

            if let kept = try await rig.kept(of: phone) {
                try expect(kept.texts == 3 && kept.consent.map(\.uid) == ["c1"], "it says that it keeps \(kept)")
            }
            var request = ErasureRequest(phone: phone, before: later(rig), countsOnly: true, scrubs: true)
            guard let counted = try await rig.erase(request) else { return }
            try expect(counted.texts == 3 && counted.consent == 1, "it counted \(counted)")
            try expect(try await rig.storage.all().count == 4, "counting erased something")
            request.countsOnly = false
            let erased = try await rig.storage.erase(request, context: .init())
            try expect(erased.texts == 3 && erased.consent == 1, "it erased \(erased)")
            try expect(try await rig.storage.all().map(\.content) == ["another's"], "not the person's rows are gone")
            let again = try await rig.storage.erase(request, context: .init())
            try expect(again == ErasureReply(texts: 0), "erasing again erased \(again)")
            guard let left = try await rig.kept(of: phone) else { return }
            try expect(left.texts == 0 && left.consent.isEmpty, "of an erased person it keeps \(left)")
        },
        .init("what came after the erasure began stays") { rig in
            // A row of ours says itself when it is from, however late it was put.
            let old = Message.inbound("u1", "old")
            let before = Timestamp(milliseconds: old.timestamp.milliseconds + 1_000)
            var new = Message.inbound("u2", "new")
            new.timestamp = rig.clock.now
            try await rig.storage.put([old, new], context: .init())
            guard try await rig.erase(ErasureRequest(phone: old.phone, before: before)) != nil else { return }
            let rows = try await rig.storage.all().map(\.content)
            try expect(rows == ["new"], "left were \(rows)")
        },
        .init("old texts go in batches, and what is queued or on its way stays") { rig in
            try await rig.storage.put((0..<5).map { .inbound("u\($0)", "\($0)") }, context: .init())
            try rig.insertForeign(phone: "+16195550111", content: "queued")
            let claimed = try need(try await rig.claim(by: "a").first?.storageID, "nothing was claimed")
            _ = try await rig.exchange("a", starting: [.init(storageID: claimed, uid: "s1")])
            let request = ErasureRequest(before: later(rig), limit: 3)
            guard let first = try await rig.erase(request) else { return }
            try expect(first.texts == 3 && first.hasMore, "the first batch was \(first)")
            let second = try await rig.storage.erase(request, context: .init())
            try expect(second.texts == 2 && !second.hasMore, "the second batch was \(second)")
            try expect(try await rig.storage.all().map(\.content) == ["queued"], "a text on its way is gone")
            let young = ErasureRequest(before: Timestamp(milliseconds: 1_000), limit: 3)
            try await rig.storage.put([.inbound("u9", "young")], context: .init())
            try expect(
                try await rig.storage.erase(young, context: .init()).texts == 0, "a text was erased that is young")
        },
    ]

    /// After all that a rule does, whichever clock its rows have.
    private static func later(_ rig: any StorageRig) -> Timestamp {
        Timestamp(milliseconds: max(rig.clock.now.milliseconds, 4_000_000_000_000))
    }

    /// `+16195550101` as people in its country write it.
    private static func national(_ phone: String) -> String {
        let digits = phone.dropFirst(2)
        return "(\(digits.prefix(3))) \(digits.dropFirst(3).prefix(3))-\(digits.dropFirst(6))"
    }
}

extension StorageRig {
    /// Nil where the storage cannot erase.
    fileprivate func erase(_ request: ErasureRequest) async throws -> ErasureReply? {
        do {
            return try await storage.erase(request, context: .init())
        } catch let error as PluginError where error.code == .unsupported {
            return nil
        }
    }

    /// Nil where the storage cannot tell.
    fileprivate func kept(of phone: String) async throws -> StoredContact? {
        do {
            return try await storage.contact(phone, context: .init())
        } catch let error as PluginError where error.code == .unsupported {
            return nil
        }
    }
}
