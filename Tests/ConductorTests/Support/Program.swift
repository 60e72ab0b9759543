import Glibc
@testable import conductor

/// A program run to its end.
struct Program: Sendable {
    var status: Int32
    var output: String
    var errors: String

    /// Blocks the calling thread: call it through `finished` where other tasks must go on.
    static func run(
        _ path: String, _ arguments: [String], environment: [String: String] = [:], input: String = ""
    ) -> Program {
        var stdout: [Int32] = [0, 0]
        var stderr: [Int32] = [0, 0]
        var stdin: [Int32] = [0, 0]
        guard pipe(&stdout) == 0, pipe(&stderr) == 0, pipe(&stdin) == 0 else {
            return Program(status: -1, output: "", errors: "no pipe")
        }
        for descriptor in stdout + stderr + stdin { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, stdin[0], 0)
        posix_spawn_file_actions_adddup2(&actions, stdout[1], 1)
        posix_spawn_file_actions_adddup2(&actions, stderr[1], 2)
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        var variables = ["PATH": "/usr/bin:/bin", "TZ": "UTC"]
        variables.merge(environment) { $1 }
        var lines: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0)=\($1)") } + [nil]
        var process = pid_t()
        let result = posix_spawn(&process, path, &actions, nil, &words, &lines)
        posix_spawn_file_actions_destroy(&actions)
        for word in words + lines { free(word) }
        for descriptor in [stdin[0], stdout[1], stderr[1]] { close(descriptor) }
        guard result == 0 else {
            for descriptor in [stdin[1], stdout[0], stderr[0]] { close(descriptor) }
            return Program(status: -1, output: "", errors: "cannot start \(path)")
        }
        _ = Array(input.utf8).withUnsafeBytes { write(stdin[1], $0.baseAddress, $0.count) }
        close(stdin[1])
        let output = readAll(stdout[0])
        let errors = readAll(stderr[0])
        var status: Int32 = 0
        waitpid(process, &status, 0)
        return Program(
            status: status & 0x7F == 0 ? (status >> 8) & 0xFF : -(status & 0x7F), output: output, errors: errors)
    }

    /// The same on a thread of its own.
    static func finished(
        _ path: String, _ arguments: [String], environment: [String: String] = [:], input: String = ""
    ) async -> Program {
        await offPool { run(path, arguments, environment: environment, input: input) }
    }

    /// What blocks gets a thread of its own: the server under test needs those of the pool.
    static func offPool<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            Background.thread { continuation.resume(returning: body()) }
        }
    }

    /// The conductor that was built beside these tests.
    static var conductor: String {
        var buffer = [CChar](repeating: 0, count: 4096)
        var maps = ""
        let length = readlink("/proc/self/exe", &buffer, 4095)
        if length > 0 { maps = String(decoding: buffer.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self) }
        let own = maps.lastIndex(of: "/").map { String(maps[..<$0]) + "/conductor" } ?? ""
        if access(own, X_OK) == 0 { return own }
        // `swift test` runs the bundle from a helper of the toolchain; the bundle's path is among the arguments.
        for argument in CommandLine.arguments where argument.hasSuffix(".xctest") {
            let folder = argument.lastIndex(of: "/").map { String(argument[..<$0]) } ?? "."
            return folder + "/conductor"
        }
        return own
    }

    private static func readAll(_ descriptor: Int32) -> String {
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }
}
