import Foundation

/// Plugins in Swift, compiled by the test on the frozen SDK.
enum SwiftFixture {
    /// Compiles `source`, or else the frozen fixture, into `folder/NAME.so`.
    static func build(_ name: String, _ source: String? = nil, in folder: String) throws -> String {
        let library = "\(folder)/\(name).so"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [CFixture.frozen + "/build-swift.sh", library]
        if let source {
            let file = "\(folder)/\(name).swift"
            try source.write(toFile: file, atomically: true, encoding: .utf8)
            process.arguments?.append(file)
        }
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
        return library
    }
}
