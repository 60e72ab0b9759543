import Testing

@testable import ModemKit

private func lines(_ texts: String...) -> [[UInt8]] { texts.map { Array($0.utf8) } }

@Suite("Answers of real modems")
struct AnswerTests {
    @Test(
        "+CPMS=? tells which memories there are",
        arguments: [
            ("+CPMS: (\"ME\",\"MT\"),(\"ME\",\"SM\",\"MT\"),(\"SM\",\"MT\")", ["ME", "MT"], ["ME"]),
            ("+CPMS: \"SM\",\"SM\",\"SM\"", ["SM"], ["SM"]), ("+CPMS: (),(),()", [], []),
            ("+CPMS:     (  \"ME\"  ,  \"MT\"  )   ,  \"ME\" ,   (  \"SM\"  )", ["ME", "MT"], ["ME"]),
            ("+CPMS: (ME\", \"SR\"), (\"ME\", \"SR\"), (\"ME\")", ["ME", "SR"], ["ME", "SR"]),
            ("+CPMS: ((\"SM\",\"BM\",\"SR\"),(\"SM\"))", ["SM", "BM", "SR"], ["SM", "SR"]),
            ("+CPMS: (\"SM\",\"ME\",\"SM_P\"),(\"SM\"),(\"SM\")", ["SM", "ME", "SM_P"], ["ME", "SM"]),
            ("+CPMS: (\"MT\"),(\"MT\"),(\"MT\")", ["MT"], ["MT"]), ("+CPMS: ", [], []),
        ])
    func memories(line: String, readable: [String], toDrain: [String]) {
        let storage = MessageStorage(offers: lines(line))
        #expect(storage.readable == readable)
        #expect(storage.toDrain == toDrain)
    }

    @Test("The memories' use")
    func use() {
        let use = MessageStorage.current(lines("+CPMS: \"ME\",1,100,\"MT\", 5, 100,\"TA\",1,100"))
        #expect(use.map(\.name) == ["ME", "MT", "TA"])
        #expect(use.map(\.used) == [1, 5, 1])
        #expect(MessageStorage.afterChange(lines("+CPMS: 14,50,14,50"))?.used == 14)
    }

    @Test(
        "Indications are chosen by what is offered",
        arguments: [
            ("+CNMI: (0,1,2),(0,1),(0,2),(0),(1)", "AT+CNMI=2,1,0,0,1"),
            ("+CNMI: (0-3),(0,1),(0,2,3),(0,2),(1)", "AT+CNMI=2,1,0,2,1"),
            ("+CNMI: (2),(0-1,3),(0,2),(0-1),(0)", "AT+CNMI=2,1,0,1,0"),
            ("+CNMI: (0-2),(0,1,3),(0),(0,1),(0,1)", "AT+CNMI=2,1,0,1,0"),
            ("+CNMI:(0-3),(0-3),(0-3),(0,1),(0,1)", "AT+CNMI=2,1,0,1,0"),
            ("+CNMI: (0-1),(0-1),(0)", "AT+CNMI=1,1,0"),
        ])
    func indications(line: String, command: String) {
        #expect(Indications(offers: lines(line))?.command == command)
    }

    @Test("A setting is read back with or without the parameter that modems change at will")
    func indicationsMatch() throws {
        let wanted = try #require(Indications(offers: lines("+CNMI: (0-2),(0-1),(0,2),(0-2),(0,1)")))
        #expect(wanted.matches(lines("+CNMI: 2,1,0,2,0")))
        #expect(wanted.matches(lines("+CNMI: 2,1,0,2,1")))
        #expect(!wanted.matches(lines("+CNMI: 2,1,0,1,0")))
        #expect(!wanted.matches(lines("+CNMI: 2,1")))
    }

    @Test(
        "The SIM's lock",
        arguments: [
            ("+CPIN: READY", "READY"), ("+CPIN: \"SIM PIN\"", "SIM PIN"), ("SIM PUK2", "SIM PUK2"),
            ("+CPIN: PH-NET PIN", "PH-NET PIN"),
        ])
    func pin(line: String, state: String) {
        #expect(Answers.pinState(lines(line)) == state)
    }

    @Test(
        "E5: the tries left",
        arguments: [
            ("+CPINR: SIM PIN,3,3", 3), ("+CPINR: \"SIM PIN\",1", 1), ("^CPIN: SIM PIN,,10,2,10,3", 2),
            ("+CPINR: SIM PUK,10,10", nil),
        ])
    func tries(line: String, tries: Int?) {
        #expect(Answers.pinTries(lines(line)) == tries)
    }

    @Test(
        "Signal in dBm",
        arguments: [("+CSQ: 11,99", -91), ("+CSQ:  17, 0", -79), ("+CSQ: 99,99", nil), ("+CSQ: 0,0", -113)])
    func signal(line: String, dBm: Int?) {
        #expect(Answers.signal(lines(line)) == dBm)
    }

    @Test(
        "Registration as asked for",
        arguments: [(" 1,3", 3), (" 2,1,\"CE00\",\"01CEAD8F\"", 1), ("002,001,\"18d8\",\"ffff\"", 1), (" 2,0,00,0", 0)])
    func registration(rest: String, stat: Int) {
        #expect(Registration.solicited(Array(rest.utf8)) == stat)
    }

    @Test(
        "Own numbers",
        arguments: [
            ("+CNUM: \"something\",\"1234567890\",161", "1234567890"), ("+CNUM: ,\"1234567890\",161", "1234567890"),
            ("+CNUM: \"\",\"002B00330034003600300030003100320033003400350036\",145", "+34600123456"),
            ("+CNUM: \"Subscriber Number\",\"\",145", nil), ("+CNUM: ,,145", nil),
            ("+CNUM: \"\",+79139131234,145", "+79139131234"),
        ])
    func ownNumber(line: String, number: String?) {
        #expect(Answers.ownNumber(lines(line)) == number)
    }

    @Test(
        "The service centre",
        arguments: [
            ("+CSCA: \"+79168999100\",145", "+79168999100"), ("+CSCA: \"6281100000\",145", "+6281100000"),
            ("+CSCA: 002B00390037003200350034003100320030003000330032,145", "+97254120032"), ("+CSCA: \"\",129", nil),
            ("+CSCA: \"002B003300340036003000390030003900300039003000390\",145", nil),
        ])
    func serviceCentre(line: String, number: String?) {
        #expect(Answers.serviceCentre(lines(line)) == number)
    }

    @Test(
        "The SIM's number",
        arguments: [
            ("+CCID: 8949001234567890123", "8949001234567890123"),
            ("+ICCID: 8986011234567890123F", "8986011234567890123"),
            ("89860112345678901234", "89860112345678901234"), ("^ICCID: 98680011", nil), ("ERROR", nil),
        ])
    func iccid(line: String, iccid: String?) {
        #expect(Answers.iccid(lines(line)) == iccid)
    }

    @Test(
        "Operators",
        arguments: [
            ("+COPS: 0,0,\"MOVISTAR MOVISTAR\",7", "MOVISTAR MOVISTAR"), ("+COPS: 0", nil),
            ("+COPS: 0,0,\"0056006500720069007A006F006E\"", "Verizon"), ("+COPS: 1,2,\"46000\"", "46000"),
        ])
    func network(line: String, name: String?) {
        #expect(Answers.network(lines(line)) == name)
    }

    @Test(
        "The kind of network",
        arguments: [
            ("+COPS: 0,0,\"A\",0", "GSM"), ("+COPS: 0,0,\"A\",3", "GSM"), ("+COPS: 0,0,\"A\",6", "UMTS"),
            ("+COPS: 0,0,\"A\",7", "LTE"), ("+COPS: 0,0,\"A\",9", "NB-IoT"), ("+COPS: 0,0,\"A\",12", "NR"),
            ("+COPS: 0,0,\"A\",13", "LTE"), ("+COPS: 0,0,\"A\"", nil), ("+COPS: 0,0,\"A\",44", nil), ("+COPS: 0", nil),
        ] as [(String, String?)])
    func kindOfNetwork(line: String, name: String?) {
        #expect(Answers.kindOfNetwork(lines(line)) == name)
    }

    @Test(
        "Headers of listings",
        arguments: [
            (" 0,1,,147", 0, 1, 147), (" 1,0,\"\",23", 1, 0, 23), (" 17,3,35", 17, 3, 35),
            (" 7,1,\"A,1\",30", 7, 1, 30),
        ])
    func headers(rest: String, index: Int, state: Int, announced: Int) throws {
        guard case .entry(let entry) = StoredEntry.header(Array(rest.utf8)[...], hasIndex: true) else {
            Issue.record("no entry")
            return
        }
        #expect(entry.index == index)
        #expect(entry.state == state)
        #expect(entry.announced == announced)
    }
}
