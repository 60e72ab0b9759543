import Foundation
import GatewayCore
import SMSCodec
import Synchronization
import Testing

@testable import conductor

@Suite struct SendReportTests {
    @Test("what a text costs is told in lines, and with it what would be cheaper")
    func lines() throws {
        let text = String(repeating: "a", count: 99) + "’"
        #expect(
            SendReport.lines(try EncodingReport(text)) == [
                "2 parts in UCS-2, 100 UTF-16 units, 34 left in the last part",
                "  “’” (character 100) is not in the GSM alphabet; \"'\" would do",
                "with these replaced: 1 part in the GSM alphabet, 100 septets, 60 left in the last part",
            ])
        #expect(
            SendReport.lines(try EncodingReport("ok")) == [
                "1 part in the GSM alphabet, 2 septets, 158 left in the last part"
            ])
        let turkish = String(repeating: "ş", count: 80)
        #expect(
            SendReport.lines(try EncodingReport(turkish, tables: .automatic)).first
                == "1 part in the GSM alphabet of Turkish, 80 septets, 75 left in the last part")
    }

    @Test("--explain queues nothing, and needs no gateway")
    func explain() throws {
        let nobody = ["CONDUCTOR_SOCKET": "/nonexistent/control.sock"]
        let page = Program.run(
            Program.conductor, ["send", "+16195550100", "It’s here", "--explain"], environment: nobody)
        #expect(page.status == 0 && page.errors.isEmpty)
        #expect(page.output.hasPrefix("1 part in UCS-2, 9 UTF-16 units, 61 left in the last part\n"))
        let json = Program.run(
            Program.conductor, ["send", "+16195550100", "-", "--explain", "--json", "--language", "tr"],
            environment: nobody, input: "güneş ’\n")
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? NSDictionary)
        #expect(object["encoding"] as? String == "ucs2" && object["parts"] as? Int == 1)
        let why = try #require(object["why"] as? [NSDictionary])
        #expect(why == [["character": "’", "reason": "not_in_alphabet", "positions": [7], "replacement": "'"]])
        let suggestion = try #require(object["suggestion"] as? NSDictionary)
        #expect(suggestion["text"] as? String == "güneş '" && suggestion["single_shift"] as? String == "tr")
        #expect(Program.run(Program.conductor, ["send", "+1", "x", "--language", "klingon"]).status == 2)
        #expect(Program.run(Program.conductor, ["send", "+1", "", "--explain"], environment: nobody).status == 1)
    }

    @Test("--at is by the clock of the gateway, wherever the command is given; the text is planned")
    func shopClock() async throws {
        try await ServedGateway.with { gateway in
            let run = await Program.finished(
                Program.conductor, ["send", "+16195550100", "hi", "--at", "2099-01-05 09:00"],
                environment: ["CONDUCTOR_SOCKET": gateway.socket, "TZ": "America/New_York"])
            #expect(run.status == 0 && run.output == "out-1  planned\n", "\(run.output)\(run.errors)")
            let at = gateway.fake.state.withLock { $0.requests.first?.at }
            #expect(at.map { "\($0)" } == "2099-01-05T03:30:00.000Z")
        }
    }

    @Test("a line on standard error names the few characters that cost a part; the text goes as it is")
    func advice() async throws {
        try await ServedGateway.with { gateway in
            let text = String(repeating: "a", count: 99) + "’"
            let run = await Program.finished(
                Program.conductor, ["send", "+16195550100", text, "--json", "--language", "es"],
                environment: ["CONDUCTOR_SOCKET": gateway.socket])
            #expect(
                run.errors
                    == "2 parts instead of 1: “’” (character 100) is not in the GSM alphabet; \"'\" is\n")
            #expect(run.status == 0 && (try? JSONSerialization.jsonObject(with: Data(run.output.utf8))) != nil)
            let requests = gateway.fake.state.withLock { $0.requests }
            #expect(requests.map(\.text) == [text] && requests.first?.language == "es")
        }
    }
}
