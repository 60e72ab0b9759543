import Foundation
import Testing

/// A plugin in plain C that a test brings with it, built on the contract's own headers.
enum CPlugin {
    /// Builds `FOLDER/NAME.so`.
    ///
    /// - Parameter options: for the compiler, beside those of all.
    static func build(
        _ name: String, _ source: String, in folder: String, options: [String] = []
    ) async throws -> String {
        let file = "\(folder)/\(name).c"
        try source.write(toFile: file, atomically: true, encoding: .utf8)
        let repository = try #require(#filePath.components(separatedBy: "/Tests/EndToEndTests/").first)
        let library = "\(folder)/\(name).so"
        let (status, output) = try await ChildProcess.run(
            "cc",
            [
                "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-fvisibility=hidden",
                "-I\(repository)/CShims/CPluginABI/include", file, "-o", library,
            ] + options, in: folder)
        guard status == 0 else { throw Failure("cc: \(output)") }
        return library
    }
}
