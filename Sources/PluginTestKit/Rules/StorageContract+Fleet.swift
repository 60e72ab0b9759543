import PluginKit

extension StorageContract {
    /// What holds where gateways see each other. A storage on which they do not is passed over.
    static let fleetRules: [ContractRule<any StorageRig>] = [
        .init("gateways hear of each other, of what each has and of what each does") { rig in
            for number in 0..<3 { try rig.insertForeign(phone: "+1619555012\(number)", content: "hi") }
            let rows = try await rig.claim(by: "a/1")
            let id = try need(rows.first?.storageID, "a queued row was not claimed")
            _ = try await rig.exchange("a/1", starting: [.init(storageID: id, uid: "x")])
            guard let first = try await rig.beat("a/1", sims: ["8901", "310260"]) else { return }
            try expect(first.map(\.gateway) == ["a/1"], "a gateway that spoke is not told of itself alone")
            rig.clock.advance(5_000)
            let both = try await rig.beat("b/2", sims: []) ?? []
            try expect(both.map(\.gateway) == ["a/1", "b/2"], "of two that spoke, not both are told of")
            let a = both[0]
            try expect(a.sims == ["8901", "310260"] && a.modems == 2, "a gateway's SIMs or modems are others")
            try expect(a.version == "1.0", "the version of a gateway came back as \(a.version)")
            try expect(a.claimed == 2 && a.sending == 1, "of 2 claimed and 1 begun: \(a.claimed) and \(a.sending)")
            try expect(both[1].claimed == 0 && both[1].sending == 0, "an idle gateway has rows")
            let silence = both[1].seen.milliseconds - a.seen.milliseconds
            try expect((5_000...60_000).contains(silence), "after 5 s the one that spoke first is \(silence) ms behind")
            _ = try await rig.beat("a/1", sims: ["8902"])
            let again = try await rig.beat("b/2", sims: []) ?? []
            try expect(again.first?.sims == ["8902"], "a gateway's other SIM is not told of")
        },
        .init("a gateway that is not heard of for a month is forgotten, unless a row waits for its word") { rig in
            try rig.insertForeign(phone: "+16195550123", content: "hi")
            let id = try need(try await rig.claim(by: "a/1").first?.storageID, "a queued row was not claimed")
            _ = try await rig.exchange("a/1", starting: [.init(storageID: id, uid: "x")])
            for gateway in ["a/1", "b/2"] { _ = try await rig.beat(gateway, sims: []) }
            rig.clock.advance(31 * 86_400_000)
            guard let left = try await rig.beat("c/3", sims: []) else { return }
            try expect(left.map(\.gateway) == ["a/1", "c/3"], "after a month there are \(left.map(\.gateway))")
        },
    ]
}

extension StorageRig {
    /// Nil where the storage does not know of gateways.
    func beat(_ gateway: String, sims: [String]) async throws -> [GatewayPresence]? {
        do {
            return try await storage.heartbeat(
                GatewayPresence(gateway: gateway, version: "1.0", sims: sims, modems: Int32(sims.count)),
                context: .init())
        } catch let error as PluginError where error.code == .unsupported {
            return nil
        }
    }
}
