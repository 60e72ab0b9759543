import GRDB
import ModemKit
import PluginKit
import Testing

@testable import GatewayCore

@Suite struct ConsentWordTests {
    @Test(
        "B10: STOP words act as the whole message, whatever is put around them",
        arguments: [
            "STOP", "stop", "Stop.", "  Stop all ", "STOPALL", "Unsubscribe", "CANCEL!", "end", "Quit", "revoke",
            "OPT OUT", "opt-out", "optout", "\"STOP\"", "“Stop”", "🛑 STOP 🛑", "STOP!!!", "S T O P", "S.T.O.P.",
            "stop stop stop", "STOP\n", "\n\nStop\n\n", "STOP\n\nSent from my iPhone",
            "Stop\n--\nMaria Lopez\nSan Diego",
            "STOP\n- Maria", "STOP\nEnviado desde mi iPhone", "ＳＴＯＰ", "STOP\u{FE0F}", "st\u{200B}op",
            "ALTO", "parar", "PARE", "baja", "Cancelar", "detener", "terminar", "FIN", "salir", "anular", "no más",
            "NO MAS", "no ma\u{301}s", "darse de baja", "¡ALTO!", "Alto por", "¿BAJA?",
        ])
    func stop(content: String) {
        #expect(ConsentWords.request(in: content) == (content == "Alto por" ? nil : .stop))
    }

    @Test(
        "B10: START and HELP words, English and Spanish",
        arguments: [
            ("start", ConsentWords.Request.start), ("YES", .start), ("Unstop", .start), ("opt-in", .start),
            ("sí", .start),
            ("SI", .start), ("s\u{131}", nil), ("alta", .start), ("Iniciar", .start), ("¡Empezar!", .start),
            ("Help?", .help), ("INFO", .help), ("ayuda", .help), ("Información", .help),
            ("YES\nSent from my iPhone", .start),
        ])
    func others(content: String, expected: ConsentWords.Request?) {
        #expect(ConsentWords.request(in: content) == expected)
    }

    @Test(
        "B10: a wish to stop among other words is for people",
        arguments: [
            "please stop texting me", "Stop please", "STOP. I never signed up for this", "Stop\nI mean it",
            "Don't text me again", "don’t text me", "Take me off your list", "remove my number", "opt me out pls",
            "I want to unsubscribe from this", "No more texts!", "leave me alone", "hello. stop. bye",
            "por favor no me envíen más mensajes", "Dejen de escribirme", "quítenme de la lista",
            "no quiero recibir esto",
            "dame de baja por favor", "¡Basta ya!",
        ])
    func wishes(content: String) {
        #expect(ConsentWords.request(in: content) == .maybeStop)
    }

    @Test("A text in ASCII has the words that it has as part of another text")
    func plainWords() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let bytes = (0..<24).map { _ in UInt8.random(in: 1...0x7F, using: &random) }
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(ConsentWords.words(of: text + " ñ") == ConsentWords.words(of: text) + ["n"])
        }
    }

    @Test(
        "B10: ordinary texts",
        arguments: [
            "", "!", "Do you stop at the mall?", "I cannot start the car", "yes please", "Yes, tomorrow at 5",
            "helpful",
            "🛑", "The bus stops here", "I will cancel the order of yesterday", "para mí dos", "Cuando termina la baja?",
            "nonstop flights", "what's the info on hours", "the end of the month", "mañana", "Is it in stock?", "…",
            String(repeating: "stop ", count: 2_000),
        ])
    func ordinary(content: String) {
        #expect(ConsentWords.request(in: content) == nil)
    }
}

@Suite struct ConsentTests {
    let shop: Workshop
    private static let phone = "+16195550123"

    init() async throws {
        shop = try Workshop()
    }

    /// A text from the phone; a second passes before it.
    private func says(
        _ words: String, from phone: String = phone, after seconds: Int64 = 1
    ) async throws -> InboundPath.Intake {
        shop.clock.move(milliseconds: seconds * 1_000)
        // A text of its own though its words are said again.
        let slot = Int.random(in: 1...9_999_999)
        return try await shop.inbound.receive([
            Workshop.reading(try Workshop.deliver(words, from: phone, at: Int64(slot))[0], slot: slot)
        ])
    }

    private func isAllowed(_ phone: String = phone) throws -> Bool {
        try shop.journal.read { try Consent.isAllowed(phone, $0) }
    }

    @Test("B10: the latest event wins, a tie means out")
    func ties() async throws {
        func record(_ action: ConsentEvent.Action, _ at: Int64) async throws {
            let event = ConsentEvent(
                uid: UID.make(at: shop.clock.now), phone: Self.phone, action: action, at: Timestamp(milliseconds: at),
                source: "test")
            try await shop.journal.writer.write { try Consent.record(event, $0) }
        }
        #expect(try isAllowed())
        try await record(.out, 1_000)
        #expect(try !isAllowed())
        try await record(.in, 1_000)
        #expect(try !isAllowed())
        try await record(.in, 1_001)
        #expect(try isAllowed())
        try await record(.out, 900)
        #expect(try isAllowed(), "an older event that comes late changes nothing")
    }

    @Test("B10: STOP binds though the clock was set back since START")
    func clockSetBack() async throws {
        _ = try await says("STOP")
        _ = try await says("START", after: 3_600)
        #expect(try isAllowed())
        _ = try await says("STOP", after: -1_800)
        #expect(try !isAllowed())
        let started = try await says("START", after: 1)
        #expect(started.outgoing.count == 1)
        #expect(try isAllowed())
    }

    @Test("B10: STOP and START read together mean out, and nothing says otherwise")
    func together() async throws {
        let intake = try await shop.inbound.receive([
            Workshop.reading(try Workshop.deliver("STOP")[0], slot: 1),
            Workshop.reading(try Workshop.deliver("START")[0], slot: 2),
        ])
        #expect(intake.outgoing.map(\.content) == [Policy().stopConfirmation])
        #expect(try !isAllowed())
    }

    @Test("B10: one confirmation of STOP, however often it is said")
    func once() async throws {
        var confirmations = 0
        for words in ["STOP", "stop", "UNSUBSCRIBE", "alto", "please stop texting me"] {
            confirmations += try await says(words).outgoing.count
        }
        #expect(confirmations == 1)
    }

    @Test(
        "B10: a short code's and our own SIM's words count, and are not answered", arguments: ["12345", "+16195550199"])
    func unanswered(phone: String) async throws {
        var modem = ModemSnapshotMaker.ready()
        modem.number = "(619) 555-0199"
        shop.inbound.own.note(modem)
        #expect(try await says("STOP", from: phone).outgoing.isEmpty)
        #expect(try !isAllowed(phone))
        #expect(try await says("HELP", from: phone).outgoing.isEmpty)
        #expect(try await says("hello", from: phone).texts.count == 1)
        #expect(try shop.count("SELECT count(*) FROM inbound WHERE answer = 0") == 0)
    }

    @Test("B10: a text that asks to stop is marked for people, in the event and in the row")
    func flagged() async throws {
        let events = shop.events.listen(backlog: 100)
        let uid = try #require(try await says("please stop texting me").texts.first?.uid)
        let message = try shop.journal.read { database in
            try database.first("SELECT * FROM inbound WHERE uid = ?", [uid]).map(Message.init(inbound:))
        }
        #expect(message?.asksToStop == true)
        var flagged: Event?
        for await event in events where event.kind == "message.flagged" {
            flagged = event
            break
        }
        #expect(flagged?.json.contains(uid) == true)
        #expect(flagged?.json.contains("asks_to_stop") == true)
    }
}
