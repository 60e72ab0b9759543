import Glibc

/// What the loader says, with the cure.
enum LoaderWords {
    private static let missing = ": cannot open shared object file"

    /// - Parameters:
    ///   - message: of dlerror, without the file's own name.
    ///   - copy: the file.
    static func explain(_ message: String, copy: String) -> String {
        if let library = missingLibrary(message) {
            let needs = ElfNeeds((try? PrivateFile.read(copy)) ?? [])
            var names = [library]
            // What its own folders would give cannot be asked for by name.
            if !needs.hasFolders { names += needs.names.filter { $0 != library && isMissing($0) } }
            return explain(missing: names)
        }
        if let range = message.range(of: "undefined symbol: ") {
            let symbol = message[range.upperBound...].prefix { $0 != " " && $0 != "," }
            return
                "it cannot be loaded: undefined symbol: \(symbol); it was linked without the library that has it, or "
                + "built for another version of it (the linker's -z defs tells while building)"
        }
        if message.contains("version `"), message.contains("not found") {
            let version = message.split(separator: "`").dropFirst().first?.prefix { $0 != "'" } ?? ""
            return
                "it cannot be loaded: it was built for a newer system than this one, with \(version): build it here, "
                + "or on a system that is as old"
        }
        return "it cannot be loaded: " + message
    }

    private static func explain(missing names: [String]) -> String {
        let isOne = names.count == 1
        let isSwift = names.contains { $0.hasPrefix("libswift") || $0.contains("Foundation") }
        let cure =
            isSwift
            ? "install the Swift runtime, or build the plugin with --static-swift-stdlib"
            : "install the package that has \(isOne ? "it" : "them") (`apt-file search \(names[0])` names it), or put "
                + "\(isOne ? "it" : "them") into /usr/local/lib and run `ldconfig`; a library beside the plugin is not found"
        return "it needs \(names.joined(separator: ", ")), which this machine does not have: \(cure)"
    }

    private static func missingLibrary(_ message: String) -> String? {
        guard let range = message.range(of: missing) else { return nil }
        return message[..<range.lowerBound].split(separator: "/").last.map(String.init)
    }

    private static func isMissing(_ name: String) -> Bool {
        guard let handle = dlopen(name, RTLD_LAZY | RTLD_LOCAL) else {
            return dlerror().map { missingLibrary(String(cString: $0)) == name } ?? false
        }
        dlclose(handle)
        return false
    }
}

extension String {
    /// Where a text stands in this one.
    fileprivate func range(of text: String) -> Range<String.Index>? {
        indices.first { self[$0...].hasPrefix(text) }.map { $0..<index($0, offsetBy: text.count) }
    }
}
