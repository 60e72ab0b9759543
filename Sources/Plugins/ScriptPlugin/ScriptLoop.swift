import Glibc
import PluginKit

/// Runs the program: starts it, writes and reads its lines, and starts it again when it ends. Lives on one thread.
final class ScriptLoop {
    private enum Phase {
        case running
        /// Not running; started again at this moment.
        case pausing(until: Int64)
        /// Its input is closed; the next, harder signal comes at this moment.
        case leaving(NextSignal, at: Int64)
    }

    private enum NextSignal {
        case terminate, kill, nothing
    }

    private let runner: ScriptRunner
    private let bell: Bell
    private var program: Program?
    private var phase = Phase.pausing(until: 0)
    private var backoff: Backoff
    private var isStopping = false
    private var isOver = false
    private var hasStarted = false
    private var talk: ScriptTalk
    private var complaints: Complaints
    private var outbox: [UInt8] = []
    private var sent = 0
    private var startedAt: Int64 = 0
    /// Why it was ended by us, where it was.
    private var verdict: String?
    /// Calls that wait for the program's start.
    private var backlog: [(id: UInt64, request: ScriptRequest)] = []

    private var limits: ScriptLimits { runner.limits }
    private var name: String { runner.settings.name }

    init(_ runner: ScriptRunner, bell: Bell) {
        self.runner = runner
        self.bell = bell
        backoff = Backoff(runner.limits)
        talk = ScriptTalk(format: runner.settings.format, limit: runner.limits.line)
        complaints = Complaints(limit: runner.limits.complaints)
    }

    func run() {
        // A program that reads no more is told by EPIPE.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        while !isOver {
            hear()
            keepTime()
            if !isOver { wait() }
        }
    }

    // MARK: Calls

    private func hear() {
        bell.hush()
        let news = runner.takeNews()
        for call in news.calls { accept(call) }
        for id in news.cancelled {
            backlog.removeAll { $0.id == id }
            talk.giveUp(id)
        }
        guard news.isStopping, !isStopping else { return }
        isStopping = true
        switch phase {
        case .running: leave(.terminate, within: limits.farewell)
        case .pausing: finish(nil)
        case .leaving: break
        }
    }

    private func accept(_ call: (id: UInt64, request: ScriptRequest)) {
        switch phase {
        case .running: say(call.id, call.request)
        case .pausing(let until) where until - now <= limits.worthWaiting: backlog.append(call)
        case .pausing(let until):
            runner.settle(call.id, .failure(gone("is not running", milliseconds: (until - now) / 1_000_000)))
        case .leaving:
            runner.settle(call.id, .failure(gone("is ending", milliseconds: 1000)))
        }
    }

    private func gone(_ how: String, milliseconds: Int64) -> PluginError {
        PluginError(.unavailable, "\(name) \(how)", retryAfterMilliseconds: max(1, milliseconds))
    }

    private func say(_ id: UInt64, _ request: ScriptRequest) {
        let line = runner.settings.format == .json ? request.json(id: id, now: now) : request.plain
        guard let line else {
            return runner.settle(
                id, .failure(PluginError(.unsupported, "a program with \"format: text\" takes texts only")))
        }
        guard line.count <= limits.line else {
            return runner.settle(id, .failure(PluginError(.invalid, "a line of \(line.count) bytes is too long")))
        }
        talk.asked(id, at: now)
        outbox += line
    }

    // MARK: Life of the program

    private func launch() {
        do {
            program = try Program(runner.settings, name: runner.host.instanceName)
        } catch {
            guard hasStarted else { return finish(error) }
            return pause(error.message)
        }
        (phase, startedAt, verdict) = (.running, now, nil)
        talk = ScriptTalk(format: runner.settings.format, limit: limits.line, garbage: talk.garbage)
        (outbox, sent) = ([], 0)
        if runner.settings.format == .json {
            let id = runner.nextID()
            talk.hello = id
            say(id, .hello(name: runner.host.instanceName, options: runner.settings.options))
        }
        if hasStarted { backlogToProgram() }
    }

    private func backlogToProgram() {
        for call in backlog { say(call.id, call.request) }
        backlog = []
    }

    private func leave(_ next: NextSignal, within patience: Int64) {
        program?.input.close()
        phase = .leaving(next, at: now + patience)
    }

    /// Ends it now, and says why.
    private func end(because reason: String) {
        verdict = reason
        program?.signal(SIGKILL)
        leave(.nothing, within: limits.farewell)
    }

    private func ended(_ how: String) {
        readErrors()
        for line in complaints.finish() { runner.host.log(.info, line) }
        let words = verdict.map { "\($0), and \(how)" } ?? how
        program = nil
        let open = talk.close()
        if isStopping { return finish(nil) }
        guard hasStarted else {
            let last = complaints.last.map { ": \($0)" } ?? ""
            return finish(PluginError(.unavailable, "\(name) \(words)\(last)"))
        }
        let error = gone(words, milliseconds: 1)
        for id in open { runner.settle(id, .failure(error)) }
        pause("\(name) \(words)")
    }

    private func pause(_ reason: String) {
        let pause = backoff.pause()
        phase = .pausing(until: now + pause)
        runner.host.log(.warning, "\(reason); it is started again in \(Double(pause / 1_000_000) / 1000) s")
        guard pause > limits.worthWaiting else { return }
        for call in backlog {
            runner.settle(call.id, .failure(gone("is not running", milliseconds: pause / 1_000_000)))
        }
        backlog = []
    }

    private func finish(_ error: PluginError?) {
        isOver = true
        program = nil
        runner.ended(error)
    }

    // MARK: Time

    private var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    private func keepTime() {
        switch phase {
        case .pausing(let until) where now >= until: launch()
        case .running:
            if !hasStarted, talk.hello == nil, now - startedAt >= limits.proof { becomeReady(.init()) }
            if let silent = talk.silence(at: now), silent >= limits.silence {
                end(because: "gave no answer for \(silent / 1_000_000_000) s")
            }
        case .leaving(let next, let at) where now >= at:
            switch next {
            case .terminate:
                program?.signal(SIGTERM)
                phase = .leaving(.kill, at: now + limits.farewell)
            case .kill:
                program?.signal(SIGKILL)
                phase = .leaving(.nothing, at: now + limits.farewell)
            case .nothing: phase = .leaving(.nothing, at: now + limits.farewell)
            }
        default: break
        }
    }

    /// Milliseconds until something must be looked at again without a reason to.
    private var patience: Int32 {
        switch phase {
        case .pausing(let until): Int32(clamping: (until - now) / 1_000_000 + 1)
        case .leaving: 5
        // A program may end while what it started keeps its pipes.
        case .running: hasStarted ? 1000 : 20
        }
    }

    // MARK: Lines

    private func wait() {
        var polled = [pollfd(fd: bell.descriptor, events: Int16(POLLIN), revents: 0)]
        if program != nil {
            polled.append(pollfd(fd: program?.output.number ?? -1, events: Int16(POLLIN), revents: 0))
            polled.append(pollfd(fd: program?.errors.number ?? -1, events: Int16(POLLIN), revents: 0))
            let writes = sent < outbox.count ? program?.input.number ?? -1 : -1
            polled.append(pollfd(fd: writes, events: Int16(POLLOUT), revents: 0))
        }
        let count = poll(&polled, nfds_t(polled.count), patience)
        guard program != nil else { return }
        if polled[1].revents != 0 { readAnswers() }
        if polled[2].revents != 0 { readErrors() }
        if polled[3].revents != 0 { writeRequests() }
        var mayHaveEnded = count == 0
        if case .leaving = phase { mayHaveEnded = true }
        if mayHaveEnded, let how = program?.reap() {
            readAnswers()
            ended(how)
        }
    }

    private func writeRequests() {
        guard let count = program?.input.write(outbox[sent...]) else {
            // It reads no more; what it still has to say is heard.
            (outbox, sent) = ([], 0)
            leave(.terminate, within: limits.farewell)
            return
        }
        sent += count
        if sent == outbox.count {
            outbox.removeAll(keepingCapacity: sent < 65_536)
            sent = 0
        } else if sent > 1 << 20 {
            outbox.removeFirst(sent)
            sent = 0
        }
    }

    private func readAnswers() {
        while let reading = program?.output.isOpen == true ? program?.output.read() : nil {
            switch reading {
            case .bytes(let bytes): take(talk.heard(bytes, at: now))
            case .nothingYet: return
            case .end:
                take(talk.finish(at: now))
                program?.output.close()
                if case .running = phase { leave(.terminate, within: limits.farewell) }
                return
            }
        }
    }

    private func take(_ findings: [ScriptTalk.Finding]) {
        for finding in findings {
            switch finding {
            case .answer(let id, let result):
                backoff.reset()
                runner.settle(id, result)
            case .hello(let result): greeted(result)
            case .garbage(let what, let count):
                // 1, 2, 4, 8, …: a program that prints its progress does not fill the log.
                guard count & (count - 1) == 0 else { continue }
                runner.host.log(.warning, "\(name) wrote \(what) (\(count) so far)")
            }
        }
    }

    private func greeted(_ result: Result<ScriptAnswer, PluginError>) {
        do {
            let answer = try result.get()
            try answer.success()
            let words = answer.serves ?? ["responder"]
            for word in words where word != "responder" && word != "notifier" {
                runner.host.log(.warning, "\(name) says it serves \"\(word)\", which is no kind of plugin")
            }
            becomeReady(.init(responder: words.contains("responder"), notifier: words.contains("notifier")))
        } catch {
            let why = "refused to start: \(PluginError(telling: error).message)"
            guard hasStarted else {
                program?.signal(SIGKILL)
                return finish(PluginError(.unavailable, "\(name) \(why)"))
            }
            end(because: why)
        }
    }

    private func becomeReady(_ serves: ScriptRunner.Serves) {
        hasStarted = true
        runner.started(serves)
        backlogToProgram()
    }

    private func readErrors() {
        while let reading = program?.errors.isOpen == true ? program?.errors.read() : nil {
            switch reading {
            case .bytes(let bytes):
                for line in complaints.heard(bytes, at: now) { runner.host.log(.info, line) }
            case .nothingYet: return
            case .end: program?.errors.close()
            }
        }
    }
}

extension PluginError {
    fileprivate init(telling error: any Error) {
        self = error as? PluginError ?? PluginError(.internal, "\(error)")
    }
}
