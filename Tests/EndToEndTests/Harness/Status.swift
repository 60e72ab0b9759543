import Foundation

/// What `conductor status --json` says, as far as tests ask.
struct Status: Decodable {
    struct Modem: Decodable {
        var id: String
        var port: String
        var state: String
        var problem: String?
    }

    struct Storage: Decodable {
        var reachable: Bool
        var problem: String?
        var lag: Int
        var dropIn: String?
        var location: String?
    }

    struct Plugin: Decodable {
        var dropIn: String
        var state: String
        var problem: String?
    }

    struct Alarm: Decodable {
        var kind: String
        var message: String
    }

    var processId: Int32?
    var modems: [Modem]
    var storage: Storage
    var plugins: [Plugin]
    var alarms: [Alarm]
    var observes: Bool?

    func problem(ofDropIn name: String) -> String {
        plugins.first { $0.dropIn.contains(name) }?.problem ?? ""
    }

    func problem(ofPort port: String) -> String {
        modems.first { $0.port == port }?.problem ?? alarms.first { $0.message.contains(port) }?.message ?? ""
    }
}
