/// What goes wrong when, all from one seed: the same seed is the same schedule.
struct FaultSchedule {
    /// What a run is about, beside kills and modems; every seed has one, in turn.
    enum Theme: String, CaseIterable {
        case storage, disk, pair, clock, plugins, modems

        init(seed: UInt64) { self = Self.allCases[Int(seed % UInt64(Self.allCases.count))] }
    }

    enum Action: Equatable {
        /// A line for the simulator. `cuts`: the modem that loses what it is doing.
        case modem(String, cuts: Int?)
        /// What is wrong with the storage, empty for nothing.
        case storage(String)
        /// The disk of the state folder has no room, or has it again.
        case fill(Bool)
        /// The next start finds a disk that can only be read.
        case readOnly
        /// The wall clock, in seconds from the true one.
        case clock(Int64)
        /// A worker of the gateway is killed.
        case worker
    }

    struct Step {
        /// Milliseconds from the beginning.
        var at: Double
        var action: Action
    }

    /// Of its time, behind which everything comes to rest.
    static let share = 0.85

    let theme: Theme
    private(set) var steps: [Step] = []
    private let storage: StorageKind
    private var dice: Dice

    init(seed: UInt64, modems: Int, milliseconds: Double, storage: StorageKind = .sqlite) {
        self.storage = storage
        theme = Theme(seed: seed)
        dice = Dice(seed: seed ^ 0xFA17)
        let end = milliseconds * Self.share
        var at = 300.0
        while at < end {
            modemFault(at, modem: roll(UInt64(modems)))
            at += theme == .modems ? between(100, 400) : between(300, 900)
        }
        at = 500
        while at < end {
            let length = themeFault(at)
            at += length + between(200, 900)
        }
        at = 400
        while storage.alwaysSuffers, !isAboutStorage, at < end {
            at += storageFault(at) + between(200, 900)
        }
        steps.sort { $0.at < $1.at }
    }

    /// Steps in words, for whoever replays a seed.
    var words: String { steps.map { "\(Int($0.at)) \($0.action)" }.joined(separator: "\n") }

    private mutating func roll(_ sides: UInt64) -> Int { Int(dice.next() % sides) }
    private mutating func between(_ low: Double, _ high: Double) -> Double { .random(in: low...high, using: &dice) }

    private mutating func add(_ at: Double, _ action: Action) { steps.append(Step(at: at, action: action)) }

    private mutating func modemFault(_ at: Double, modem: Int) {
        let name = "modem\(modem)"
        func line(_ text: String) -> Action { .modem(text, cuts: nil) }
        switch roll(15) {
        case 0, 1:
            add(at, .modem("unplug \(name)", cuts: modem))
            add(at + between(50, 600), .modem("replug \(name)", cuts: modem))
        case 2:
            add(at, .modem("silent \(name) on", cuts: modem))
            add(at + between(100, 1_200), .modem("silent \(name) off", cuts: modem))
        case 3: add(at, line("fault \(name) no-final on +CMGS left next 1"))
        case 4: add(at, line("fault \(name) no-final on +CMGS kept next 1"))
        case 5: add(at, line("fault \(name) cms 332 on +CMGS left next 1"))
        case 6: add(at, line("fault \(name) cms 38 on +CMGS kept next \(1 + roll(3))"))
        case 7: add(at, line("fault \(name) cms 28 on +CMGS kept next 1"))
        case 8: add(at, .modem("restart \(name)", cuts: modem))
        case 9: add(at, .modem("factory-reset \(name)", cuts: modem))
        case 10:
            for memory in ["ME", "SM"] {
                add(at, line("full \(name) \(memory) on"))
                add(at + 700, line("full \(name) \(memory) off"))
            }
        case 11: add(at, line("fault \(name) no-final on +CMGD left next 1"))
        case 12: add(at, line("fault \(name) cms 500 on +CMGD kept next 2"))
        case 13: add(at, line("fault \(name) no-prompt on +CMGS next 1"))
        default:
            // The network cannot deliver what leaves now: no route, or never in time (TS 23.040 §9.2.3.15).
            add(at, line("reports \(name) status \(roll(2) == 0 ? 64 : 70)"))
            add(at + between(50, 400), line("reports \(name) status 0"))
        }
    }

    private var isAboutStorage: Bool { theme == .storage || theme == .pair }

    /// One fault of the storage; how long it lasts.
    private mutating func storageFault(_ at: Double) -> Double {
        let fault = storage.faults[roll(UInt64(storage.faults.count))]
        let length = between(200, 1_500)
        add(at, .storage(fault))
        add(at + length, .storage(""))
        return length
    }

    /// One fault of the theme; how long it lasts.
    private mutating func themeFault(_ at: Double) -> Double {
        switch theme {
        case .storage, .pair: return storageFault(at)
        case .disk:
            if roll(3) == 0 {
                add(at, .readOnly)
                return 500
            }
            let length = between(200, 1_200)
            add(at, .fill(true))
            add(at + length, .fill(false))
            return length
        case .clock:
            let far = Int64(30 + roll(1_400))
            add(at, .clock(roll(2) == 0 ? far : -far))
            return between(300, 1_500)
        case .plugins:
            add(at, .worker)
            return between(300, 1_000)
        case .modems:
            return 1_000
        }
    }
}
