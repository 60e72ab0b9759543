import PluginKit

extension StorageContract {
    /// Which rows are whose, where gateways say which SIMs they have. A storage on which they do not is passed over.
    static let simRules: [ContractRule<any StorageRig>] = [
        .init("a row that names a SIM is claimed by the gateway that has it, and holds back its number") { rig in
            for content in ["first", "second"] { try rig.insertForeign(phone: "+16195550123", content: content) }
            try rig.insertForeign(phone: "+16195550124", content: "other")
            guard try rig.name(sim: "8902", in: "first"), try await rig.beat("a/1", sims: ["8901"]) != nil,
                try await rig.beat("b/2", sims: ["8902", "8903"]) != nil
            else { return }
            let a = try await rig.claim(by: "a/1")
            try expect(a.map(\.content) == ["other"], "a row of a SIM that is elsewhere was claimed, or one behind")
            let b = try await rig.claim(by: "b/2")
            try expect(b.map(\.content) == ["first"], "the gateway that has the SIM did not claim its row")
            try expect(b.first?.sim == "8902", "a row's SIM came as \(b.first?.sim ?? "none")")
        },
        .init("a row goes where its SIM goes, and to any gateway that has not said which it has") { rig in
            try rig.insertForeign(phone: "+16195550123", content: "hi")
            guard try rig.name(sim: "8902", in: "hi"), try await rig.beat("a/1", sims: ["89020", "890"]) != nil
            else { return }
            try expect(try await rig.claim(by: "a/1").isEmpty, "a row was claimed by one whose SIM begins alike")
            _ = try await rig.beat("a/1", sims: ["8901", "8902"])
            try expect(try await rig.claim(by: "a/1").count == 1, "the SIM is there now, and its row was not claimed")
            _ = try await rig.storage.owned(by: "a/1", context: .init())
            try expect(try await rig.claim(by: "c/3").count == 1, "one that never spoke of SIMs did not get the row")
        },
    ]
}
