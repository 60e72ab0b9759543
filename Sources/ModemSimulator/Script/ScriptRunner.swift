/// Obeys scripts: lines in their order, each when its time has come. Used on the simulator's thread only.
final class ScriptRunner {
    var count: (LedgerEvent.Kind) -> Int = { _ in 0 }
    var end: () -> Void = {}
    var problem: (String) -> Void = { _ in }

    private let world: World
    private let perform: (Directive) throws(SimulatorError) -> Void
    private let startedAt: Int64
    private var waiting: [Script.Step] = []
    private var position = 0
    private var isPaused = false
    private var isAdvancing = false
    private var isLooking = false

    init(world: World, perform: @escaping (Directive) throws(SimulatorError) -> Void) {
        self.world = world
        self.perform = perform
        startedAt = world.now
    }

    func run(_ script: Script) {
        waiting.append(contentsOf: script.steps)
        advance()
    }

    /// Something happened that a line may wait for. The look at it comes after what is being done now.
    func progressed() {
        guard position < waiting.count, !isPaused, !isLooking, case .waitFor = waiting[position].action else { return }
        isLooking = true
        world.after(.zero) { [unowned self] in
            isLooking = false
            advance()
        }
    }

    private func advance() {
        guard !isAdvancing else { return }
        isAdvancing = true
        defer { isAdvancing = false }
        while !isPaused, position < waiting.count {
            let step = waiting[position]
            if case .waitFor(let kind, let wanted) = step.action, count(kind) < wanted { return }
            position += 1
            if position == waiting.count {
                waiting = []
                position = 0
            }
            begin(step)
        }
    }

    private func begin(_ step: Script.Step) {
        if case .pause(let duration) = step.action {
            isPaused = true
            world.after(duration) { [unowned self] in
                isPaused = false
                advance()
            }
            return
        }
        switch step.schedule {
        case .inTurn: act(step.action)
        case .after(let delay): world.after(delay) { [unowned self] in act(step.action) }
        case .at(let time):
            let delay = max(0, startedAt + time.nanoseconds - world.now)
            world.after(.nanoseconds(delay)) { [unowned self] in act(step.action) }
        case .every(let interval, let count):
            repeatAction(step.action, every: interval, number: 1, of: count, due: world.now)
        }
    }

    private func repeatAction(
        _ action: Script.Action, every interval: Duration, number: Int, of count: Int?, due: Int64
    ) {
        act(Self.numbered(action, number))
        if let count, number >= count { return }
        // Counted from when it was due, so that the rate holds.
        let next = due + interval.nanoseconds
        world.after(.nanoseconds(max(0, next - world.now))) { [unowned self] in
            repeatAction(action, every: interval, number: number + 1, of: count, due: next)
        }
    }

    /// A text that comes again and again counts its own repetitions.
    private static func numbered(_ action: Script.Action, _ number: Int) -> Script.Action {
        guard case .directive(.text(let target, let from, let body, 1)) = action else { return action }
        return .directive(
            .text(
                target, from: Script.fill(from, number: number),
                body: Script.fill(body, number: number), count: 1))
    }

    private func act(_ action: Script.Action) {
        switch action {
        case .directive(let directive):
            do {
                try perform(directive)
            } catch {
                problem("\(error)")
            }
        case .quit: end()
        case .pause, .waitFor: break
        }
    }
}
