import ModemSimulator
import Testing

@Suite struct StorageTests {
    private func list(_ state: Int) -> String {
        "\r\n+CMGL: 0,\(state),,\(Sample.deliverLength)\r\n\(Sample.deliverHex())\r\n\r\nOK\r\n"
    }

    @Test func `a text takes the lowest slot and is told`() throws {
        let bench = try Bench()
        let terminal = try bench.ready()
        terminal.ask("AT+CNMI=2,1\r", "\r\nOK\r\n")
        bench.simulator.perform(.pdu(.one(0), Sample.deliver()))
        terminal.expect("\r\n+CMTI: \"ME\",0\r\n")
        bench.simulator.text(from: "+16195550123", "second")
        terminal.expect("\r\n+CMTI: \"ME\",1\r\n")
        terminal.ask("AT+CMGD=0\r", "\r\nOK\r\n")
        bench.simulator.text(from: "+16195550123", "third")
        terminal.expect("\r\n+CMTI: \"ME\",0\r\n")
        terminal.ask("AT+CPMS?\r", "\r\n+CPMS: \"ME\",2,100,\"ME\",2,100,\"ME\",2,100\r\n\r\nOK\r\n")
    }

    @Test func `listing turns unread to read`() throws {
        let bench = try Bench()
        let terminal = try bench.ready()
        bench.simulator.perform(.pdu(.one(0), Sample.deliver()))
        try bench.event(.stored)
        terminal.ask("AT+CMGL=1\r", "\r\nOK\r\n")
        terminal.ask("AT+CMGL\r", list(0))
        terminal.ask("AT+CMGL=0\r", "\r\nOK\r\n")
        terminal.ask("AT+CMGL=4\r", list(1))
        terminal.ask("AT+CMGR=0\r", "\r\n+CMGR: 1,,\(Sample.deliverLength)\r\n\(Sample.deliverHex())\r\n\r\nOK\r\n")
        terminal.ask("AT+CMGR=1\r", "\r\n+CMS ERROR: 321\r\n")
    }

    @Test func `a modem may leave listed texts unread`() throws {
        let bench = try Bench { $0.settings = [.marksRead(false)] }
        let terminal = try bench.ready()
        bench.simulator.perform(.pdu(.one(0), Sample.deliver()))
        try bench.event(.stored)
        terminal.ask("AT+CMGL=4\r", list(0))
        terminal.ask("AT+CMGL=4\r", list(0))
    }

    @Test(arguments: [(1, 2), (2, 2), (3, 1), (4, 0)])
    func `delete flags choose by state`(_ flag: Int, _ left: Int) throws {
        let bench = try Bench()
        let terminal = try bench.ready()
        bench.simulator.perform(.pdu(.one(0), Sample.deliver()))
        try bench.event(.stored)
        terminal.ask("AT+CMGR=0\r", "\r\n+CMGR: 0,,\(Sample.deliverLength)\r\n\(Sample.deliverHex())\r\n\r\nOK\r\n")
        bench.simulator.perform(.pdu(.one(0), Sample.deliver()))
        try bench.event(.stored, 2)
        terminal.ask("AT+CMGW=\(Sample.length)\r", "\r\n> ")
        terminal.ask("\(Sample.submit)\u{1A}", "\r\n+CMGW: 2\r\n\r\nOK\r\n")
        terminal.ask("AT+CMGD=0,\(flag)\r", "\r\nOK\r\n")
        let use = "\"ME\",\(left),100"
        terminal.ask("AT+CPMS?\r", "\r\n+CPMS: \(use),\(use),\(use)\r\n\r\nOK\r\n")
    }

    @Test func `A6: what finds no slot waits in the network and comes when one is free`() throws {
        let bench = try Bench { $0.settings = [.slots(memory: "ME", 2)] }
        let terminal = try bench.ready()
        terminal.ask("AT+CNMI=2,1\r", "\r\nOK\r\n")
        bench.simulator.text(from: "+16195550123", "text {n}", count: 4)
        terminal.expect("\r\n+CMTI: \"ME\",0\r\n\r\n+CMTI: \"ME\",1\r\n")
        try bench.event(.full)
        #expect(bench.count(.stored) == 2)
        terminal.ask("AT+CMGD=1\r", "\r\nOK\r\n\r\n+CMTI: \"ME\",1\r\n")
        terminal.ask("AT+CMGD=1,4\r", "\r\nOK\r\n\r\n+CMTI: \"ME\",0\r\n")
        try bench.event(.stored, 4)
        terminal.expectNothingMore()
        let texts = bench.simulator.events.filter { $0.kind == .arrived }.compactMap(\.text)
        #expect(texts == ["text 1", "text 2", "text 3", "text 4"])
    }

    @Test func `a full memory may be told with a vendor's line`() throws {
        let bench = try Bench { $0.settings = [.slots(memory: "ME", 0), .fullNotice(true)] }
        let terminal = try bench.ready()
        bench.simulator.text(from: "+16195550123", "no room")
        terminal.expect("\r\n^SMMEMFULL: \"ME\"\r\n")
    }

    @Test func `a memory set to full takes nothing until it is set back`() throws {
        let bench = try Bench { $0.settings = [.full(memory: "ME", true)] }
        let terminal = try bench.ready()
        bench.simulator.text(from: "+16195550123", "waits")
        try bench.event(.full)
        terminal.ask("AT+CPMS?\r", "\r\n+CPMS: \"ME\",100,100,\"ME\",100,100,\"ME\",100,100\r\n\r\nOK\r\n")
        bench.simulator.set(0, .full(memory: "ME", false))
        try bench.event(.stored)
    }

    @Test func `a class 2 text goes to the SIM`() throws {
        let bench = try Bench()
        let terminal = try bench.ready()
        terminal.ask("AT+CNMI=2,2\r", "\r\nOK\r\n")
        bench.simulator.perform(.pdu(.one(0), Sample.deliver(class: 2)))
        terminal.expect("\r\n+CMTI: \"SM\",0\r\n")
    }

    @Test func `the ledger follows each part of a long text`() throws {
        let bench = try Bench()
        let terminal = try bench.ready()
        bench.simulator.text(from: "+16195550123", String(repeating: "long ", count: 80))
        try bench.event(.stored, 3)
        terminal.ask("AT+CMGD=0,4\r", "\r\nOK\r\n")
        try bench.event(.deleted, 3)
        let deleted = bench.simulator.events.filter { $0.kind == .deleted }
        #expect(deleted.map(\.part) == [1, 2, 3])
        #expect(deleted.allSatisfy { $0.parts == 3 && $0.id == 1 && $0.memory == "ME" })
    }
}
