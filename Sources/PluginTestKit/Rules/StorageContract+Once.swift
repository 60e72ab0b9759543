import PluginKit

extension StorageContract {
    /// Whose a row is, and which of two words about it counts: what keeps a text from being sent twice.
    static let onceRules: [ContractRule<any StorageRig>] = [
        .init("an outcome changes what it speaks of, and nothing else") { rig in
            try await rig.begin("x", by: "a")
            let accepted = ExchangeRequest.Outcome(
                uid: "x", status: .sent, deliveryStatus: .accepted, errorCode: "cms-38", errorMessage: "in part",
                modemTimestamp: Timestamp(milliseconds: 1_790_000_000_123), sim: "8901", parts: 3)
            _ = try await rig.exchange("a", finished: [accepted])
            _ = try await rig.exchange("a", finished: [.init(uid: "x", status: .sent, deliveryStatus: .delivered)])
            let row = try need(try await rig.storage.all().first, "the row is gone")
            try expect(row.deliveryStatus == .delivered, "the second outcome is not in the row")
            try expect(row.sim == "8901" && row.parts == 3, "it took away the SIM, or the number of parts")
            try expect(row.modemTimestamp == accepted.modemTimestamp, "it took away when the text was sent")
            try expect(row.errorCode == nil && row.errorMessage == nil, "an error that is over is still there")
        },
        .init("only the gateway that began a row gives it back") { rig in
            let id = try await rig.begin("x", by: "a")
            let others: [ExchangeRequest.Outcome] = [
                .init(uid: "x", status: .queued), .init(uid: nil, storageID: id, status: .failed),
            ]
            _ = try await rig.exchange("b", finished: others)
            let owned = try await rig.storage.owned(by: "a", context: .init())
            try expect(owned.map(\.uid) == ["x"], "another gateway took away a row that is being sent")
            for _ in 0..<2 { _ = try await rig.exchange("a", finished: [.init(uid: "x", status: .queued)]) }
            let again = try await rig.claim(by: "b")
            try expect(again.map(\.storageID) == [id], "a row that was given back was not claimed")
            _ = try await rig.exchange("a", finished: [.init(uid: "x", status: .queued)])
            let begun = try await rig.exchange("b", starting: [.init(storageID: id, uid: "y")])
            try expect(begun.started == [true], "an outcome that came late ended the claim of another gateway")
        },
        .init("a gateway that asks what it owns lets go of what it has only claimed") { rig in
            try rig.insertForeign(phone: "+16195550123", content: "hi")
            let id = try need(try await rig.claim(by: "a").first?.storageID, "a queued row was not claimed")
            _ = try await rig.storage.owned(by: "b", context: .init())
            try expect(try await rig.claim(by: "b").isEmpty, "a gateway let go of the rows of another")
            try expect(try await rig.storage.owned(by: "a", context: .init()).isEmpty, "it owns what it did not begin")
            let late = try await rig.exchange("a", starting: [.init(storageID: id, uid: "x")])
            try expect(late.started == [false], "a row was begun of which its gateway had let go")
            try expect(try await rig.claim(by: "b").count == 1, "a row was not let go of")
        },
        .init("a text of unknown fate stays its gateway's, and holds up its number for a while") { rig in
            try await rig.begin("x", by: "a")
            try rig.insertForeign(phone: "+16195550123", content: "later")
            let unknown = ExchangeRequest.Outcome(
                uid: "x", status: .queued, deliveryStatus: .unknown,
                notBefore: Timestamp(milliseconds: rig.clock.now.milliseconds + 60_000))
            _ = try await rig.exchange("a", finished: [unknown])
            try expect(try await rig.claim(by: "b").isEmpty, "a row was claimed beside one of unknown fate")
            rig.clock.advance(60_001)
            let next = try await rig.claim(by: "b")
            try expect(next.map(\.content) == ["later"], "claimed were \(next.map(\.content)), not what came later")
            _ = try await rig.exchange("a", finished: [.init(uid: "x", status: .sent, deliveryStatus: .unknown)])
            let rows = try await rig.storage.all()
            try expect(rows.first?.status == .sent, "its gateway could not settle it after all")
        },
        .init("a put that comes late takes nothing back, unless it tells of a newer attempt") { rig in
            func text(_ state: Message.DeliveryStatus, attempt: Int64) -> Message {
                var text = Message.inbound("u1", "answer")
                (text.direction, text.status, text.deliveryStatus) = (.outbound, .sent, state)
                text.lastRetryAt = Timestamp(milliseconds: text.timestamp.milliseconds + attempt)
                return text
            }
            for (state, attempt, kept) in [
                (Message.DeliveryStatus.accepted, 1, Message.DeliveryStatus.accepted), (.unknown, 1, .accepted),
                (.delivered, 1, .delivered), (.accepted, 1, .delivered), (.unknown, 1, .delivered),
                (.accepted, 2, .accepted),
            ] {
                try await rig.storage.put([text(state, attempt: Int64(attempt))], context: .init())
                let row = try need(try await rig.storage.all().first, "the text is gone")
                try expect(
                    row.deliveryStatus == kept,
                    "after \(state) of attempt \(attempt) it is \(row.deliveryStatus?.rawValue ?? "nothing")")
            }
        },
        .init("a put that comes late begins no attempt again that has an outcome") { rig in
            let (queued, sent, failed) = (Message.Status.queued, Message.Status.sent, Message.Status.failed)
            typealias State = (status: Message.Status, delivery: Message.DeliveryStatus, attempt: Int64?)
            let cases: [(known: State, told: State, isLate: Bool)] = [
                ((sent, .delivered, 1), (queued, .sending, 1), true),
                ((sent, .accepted, 1), (queued, .sending, nil), true),
                ((sent, .unknown, 1), (queued, .sending, 1), true), ((sent, .unknown, 1), (queued, .unknown, 1), true),
                ((queued, .unknown, 1), (queued, .sending, 1), true),
                ((failed, .refused, 1), (queued, .sending, 1), true),
                ((failed, .undelivered, 2), (queued, .sending, 1), true),
                ((sent, .unknown, 1), (queued, .sending, 2), false),
                ((failed, .expired, nil), (queued, .sending, 1), false),
                ((queued, .held, nil), (queued, .sending, nil), false),
                ((queued, .unknown, 1), (sent, .unknown, 1), false),
                ((queued, .sending, 1), (queued, .sending, nil), false),
            ]
            for (number, (known, told, isLate)) in cases.enumerated() {
                for state in [known, told] {
                    var text = Message.inbound("u\(number)", "answer")
                    (text.direction, text.status, text.deliveryStatus) = (.outbound, state.status, state.delivery)
                    text.lastRetryAt = state.attempt.map { Timestamp(milliseconds: text.timestamp.milliseconds + $0) }
                    try await rig.storage.put([text], context: .init())
                }
                let row = try need(
                    try await rig.storage.all().first { $0.uid == "u\(number)" }, "a text is gone")
                let kept = isLate ? known : told
                try expect(
                    row.status == kept.status && row.deliveryStatus == kept.delivery,
                    "\(told.status)/\(told.delivery) after \(known.status)/\(known.delivery) made it "
                        + "\(row.status)/\(row.deliveryStatus?.rawValue ?? "nothing")")
            }
        },
        .init("a text that a journal sends is not put back or cancelled in storage") { rig in
            for (uid, status, state) in [
                ("u1", Message.Status.failed, Message.DeliveryStatus.refused), ("u2", .queued, .sending),
            ] {
                var text = Message.inbound(uid, uid)
                (text.direction, text.status, text.deliveryStatus) = (.outbound, status, state)
                try await rig.storage.put([text], context: .init())
            }
            for row in try await rig.storage.all() {
                for kind in [MessageChange.Kind.requeue, .cancel] {
                    let change = MessageChange(storageID: try need(row.storageID, "no address"), kind: kind)
                    try expect(
                        try await !rig.storage.change(change, context: .init()), "\(row.content) was changed: \(kind)")
                }
            }
            try expect(try await rig.claim(by: "a").isEmpty, "a text that a journal sends was claimed")
        },
    ]
}

extension StorageRig {
    /// A row of another program that is being sent with this uid; its address.
    @discardableResult
    fileprivate func begin(_ uid: String, by gateway: String) async throws -> Int64 {
        try insertForeign(phone: "+16195550123", content: "hi")
        let id = try need(try await claim(by: gateway).first?.storageID, "a queued row was not claimed")
        let reply = try await exchange(gateway, starting: [.init(storageID: id, uid: uid)])
        try expect(reply.started == [true], "a claimed row was not begun")
        return id
    }
}
