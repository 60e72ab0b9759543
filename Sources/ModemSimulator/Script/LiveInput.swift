import Glibc

/// Script lines as they arrive on a descriptor. Used on the simulator's thread only.
final class LiveInput {
    let descriptor: Int32
    private(set) var isAtEnd = false
    private var rest: [UInt8] = []
    private var number = 0

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Reads what is there and gives the lines that are whole. A wrong line is told and passed over.
    func read(modems: Int) -> [Result<Script.Step, ScriptError>] {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(descriptor, &chunk, chunk.count)
        if count > 0 {
            rest.append(contentsOf: chunk[..<count])
        } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
            isAtEnd = true
            if !rest.isEmpty { rest.append(10) }
        }
        var results: [Result<Script.Step, ScriptError>] = []
        while let end = rest.firstIndex(of: 10) {
            number += 1
            var parser = ScriptLineParser(
                String(decoding: rest[..<end], as: UTF8.self), name: "-", line: number, modems: modems)
            rest.removeFirst(end + 1)
            do {
                if let step = try parser.parse() { results.append(.success(step)) }
            } catch {
                results.append(.failure(error))
            }
        }
        return results
    }
}
