/// What the first 64 bytes of a library say. Asked before dlopen, which says "No such file" of a library for another
/// processor.
enum ElfHeader {
    /// - Throws: a sentence when these are not the first bytes of a shared library for this machine.
    static func check(_ bytes: [UInt8]) throws(LoadFailure) {
        guard bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]) else {
            throw LoadFailure(FileKind.words(bytes))
        }
        guard bytes.count >= 64 else { throw LoadFailure("it is cut off: \(bytes.count) bytes are no whole library") }
        guard bytes[4] == 2 else { throw LoadFailure("it is a 32-bit library; this host needs 64-bit ones") }
        guard bytes[5] == 1 else { throw LoadFailure("it is a big-endian library; this host is little-endian") }
        func half(_ offset: Int) -> UInt16 { UInt16(bytes[offset]) | UInt16(bytes[offset + 1]) << 8 }
        func long(_ offset: Int) -> UInt64 {
            (0..<8).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64($1 * 8) }
        }
        let machine = half(18)
        guard machine == ownMachine else {
            throw LoadFailure("it was built for \(name(of: machine)); this host runs on \(name(of: ownMachine))")
        }
        guard half(16) == 3 else {
            throw LoadFailure("it is \(half(16) == 1 ? "an object file" : "a program"), not a shared library")
        }
        // The section headers stand at the end of what linkers write: a file that ends before them is cut off.
        let end = long(40).addingReportingOverflow(UInt64(half(58)) * UInt64(half(60)))
        guard !end.overflow, end.partialValue <= UInt64(bytes.count) else {
            throw LoadFailure("it is cut off: \(bytes.count) bytes are there, \(end.partialValue) are needed")
        }
    }

    private static func name(of machine: UInt16) -> String {
        switch machine {
        case 3: "i386"
        case 40: "arm"
        case 62: "x86_64"
        case 183: "aarch64"
        case 243: "riscv64"
        default: "machine \(machine)"
        }
    }

    #if arch(x86_64)
        private static let ownMachine: UInt16 = 62
    #elseif arch(arm64)
        private static let ownMachine: UInt16 = 183
    #elseif arch(riscv64)
        private static let ownMachine: UInt16 = 243
    #endif
}
