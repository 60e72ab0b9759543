// swift-tools-version: 6.2
import PackageDescription

// Every target of ours is built with these. Warnings are errors, so that none is ever got used to.
let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let c: [CSetting] = [.unsafeFlags(["-std=c17", "-Wall", "-Wextra", "-Werror"])]

// A plugin exports one symbol. The version script rides on a link-only target, so that plugins get it and the host
// and the tests do not.
let hideAllButTheEntry: [LinkerSetting] = [
    .unsafeFlags(
        ["-Xlinker", "--version-script=\(Context.packageDirectory)/Sources/PluginKitLink/plugin.map"],
        .when(platforms: [.linux]))
]

let log: Target.Dependency = .product(name: "Logging", package: "swift-log")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let sqlite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

/// A bundled plugin is a library target with its logic, which tests link, and a thin target with its entry function,
/// which only its own .so links.
func plugin(_ logic: String, folder: String) -> [Target] {
    [
        .target(
            name: "\(logic)Entry", dependencies: [.init(stringLiteral: logic), "PluginKit", "PluginKitLink"],
            path: "Sources/Plugins/\(folder)/Entry", swiftSettings: house)
    ]
}

let package = Package(
    name: "conductor",
    products: [
        .executable(name: "conductor", targets: ["conductor"]),
        .executable(name: "conductor-worker", targets: ["conductor-worker"]),
        .library(name: "PluginKit", targets: ["PluginKit", "PluginKitLink"]),
        .library(name: "PluginTestKit", targets: ["PluginTestKit"]),
        .library(name: "conductor-sqlite", type: .dynamic, targets: ["SQLiteStorageEntry"]),
        .library(name: "conductor-supabase", type: .dynamic, targets: ["SupabaseStorageEntry"]),
        .library(name: "conductor-auto-reply", type: .dynamic, targets: ["AutoReplyEntry"]),
        .library(name: "conductor-log", type: .dynamic, targets: ["LogNotifierEntry"]),
        .library(name: "conductor-exec", type: .dynamic, targets: ["ScriptPluginEntry"]),
        // Measured by `make bench`, never installed.
        .library(name: "conductor-bench-quick", type: .dynamic, targets: ["BenchQuick"]),
        .library(name: "conductor-bench-blocking", type: .dynamic, targets: ["BenchBlocking"]),
        // For the torture harness, never installed.
        .library(name: "conductor-faulty-storage", type: .dynamic, targets: ["FaultyStorage"]),
    ],
    dependencies: [
        // Why each: the table "Dependencies" in README.md.
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        // C: what Swift cannot call, or must not be slow at.
        .target(
            name: "CModemIO", path: "CShims/CModemIO", exclude: ["tests", "README.md"], sources: ["src"],
            publicHeadersPath: "include", cSettings: c, linkerSettings: [.linkedLibrary("udev")]),
        .target(
            name: "CPluginABI", path: "CShims/CPluginABI", exclude: ["README.md", "abi"], sources: ["src"],
            publicHeadersPath: "include", cSettings: c),
        .target(
            name: "CCrypto", path: "CShims/CCrypto", sources: ["src"], publicHeadersPath: "include", cSettings: c,
            linkerSettings: [.linkedLibrary("crypto")]),
        .target(
            name: "CMemory", path: "CShims/CMemory", sources: ["src"], publicHeadersPath: "include", cSettings: c),
        .target(
            name: "CSQLite", path: "CShims/CSQLite", sources: ["src"], publicHeadersPath: "include", cSettings: c,
            linkerSettings: [.linkedLibrary("sqlite3")]),
        .target(
            name: "CCurl", path: "CShims/CCurl", sources: ["src"], publicHeadersPath: "include", cSettings: c,
            linkerSettings: [.linkedLibrary("curl")]),

        .target(
            name: "CSandbox", path: "CShims/CSandbox", exclude: ["tests", "README.md"], sources: ["src"],
            publicHeadersPath: "include", cSettings: c),
        .target(
            name: "CSpawn", path: "CShims/CSpawn", sources: ["src"], publicHeadersPath: "include", cSettings: c),

        // Where the torture harness cuts: nothing at all but in a build made for it (CONTRIBUTING.md).
        .target(name: "FaultPoints", swiftSettings: house),

        // The gateway, from the bottom up.
        .target(name: "SMSCodec", swiftSettings: house),
        .target(name: "ModemKit", dependencies: ["CModemIO", "FaultPoints", "SMSCodec", log], swiftSettings: house),
        .target(name: "PluginKit", dependencies: ["CPluginABI"], exclude: ["README.md"], swiftSettings: house),
        .target(name: "PluginTestKit", dependencies: ["PluginKit"], swiftSettings: house),
        .target(
            name: "PluginKitLink", exclude: ["plugin.map"], swiftSettings: house, linkerSettings: hideAllButTheEntry),
        .target(
            name: "Settings", dependencies: ["PluginKit", .product(name: "Yams", package: "Yams")], swiftSettings: house
        ),
        .target(
            name: "PluginHost",
            dependencies: ["CCrypto", "CPluginABI", "CSandbox", "PluginKit", "Settings", log], swiftSettings: house),
        // libcurl for whoever needs HTTP: the host's http service, and bundled plugins.
        .target(name: "CurlClient", dependencies: ["CCurl"], swiftSettings: house),
        // Files of the till's, as rows of the CRM's tables.
        .target(name: "CRMImport", dependencies: ["PluginKit"], swiftSettings: house),
        .target(
            name: "GatewayCore",
            dependencies: [
                "CCrypto", "CMemory", "CRMImport", "FaultPoints", "SMSCodec", "ModemKit", "PluginKit", "PluginHost",
                "CurlClient",
                grdb, sqlite, log,
            ],
            swiftSettings: house),
        .target(
            name: "ConsoleServer", dependencies: ["CRMImport", "GatewayCore", hummingbird, log], swiftSettings: house),
        .target(name: "ModemSimulator", dependencies: ["SMSCodec"], swiftSettings: house),
        .target(name: "CRMSimulator", swiftSettings: house),
        .executableTarget(
            name: "conductor",
            dependencies: [
                "CCurl", "CRMImport", "CRMSimulator", "ConsoleServer", "CurlClient", "GatewayCore", "ModemKit",
                "ModemSimulator",
                "PluginHost", "PluginKit", "SMSCodec", "Settings", arguments, log,
            ], swiftSettings: house),

        // Runs one plugin apart from the gateway.
        .executableTarget(name: "conductor-worker", dependencies: ["PluginHost"], swiftSettings: house),

        // Bundled plugins.
        .target(
            name: "SQLiteStorage", dependencies: ["CSQLite", "PluginKit", grdb, sqlite],
            path: "Sources/Plugins/SQLiteStorage",
            exclude: ["Entry"], swiftSettings: house),
        .target(
            name: "SupabaseStorage", dependencies: ["CurlClient", "PluginKit"],
            path: "Sources/Plugins/SupabaseStorage", exclude: ["Entry", "SQL"], swiftSettings: house),
        .target(
            name: "AutoReply", dependencies: ["PluginKit"], path: "Sources/Plugins/AutoReply", exclude: ["Entry"],
            swiftSettings: house),
        .target(
            name: "LogNotifier", dependencies: ["PluginKit"], path: "Sources/Plugins/LogNotifier", exclude: ["Entry"],
            swiftSettings: house),

        .target(
            name: "ScriptPlugin", dependencies: ["CSpawn", "PluginKit"], path: "Sources/Plugins/ScriptPlugin",
            exclude: ["Entry"],
            swiftSettings: house),

        // Measured by `make bench`.
        .target(
            name: "BenchQuick", dependencies: ["PluginKit", "PluginKitLink"], path: "bench/responders/Quick",
            swiftSettings: house),
        .target(
            name: "BenchBlocking", dependencies: ["PluginKit", "PluginKitLink"], path: "bench/responders/Blocking",
            swiftSettings: house),
        .executableTarget(
            name: "plugin-bench", dependencies: ["PluginHost", "PluginKit", log], path: "bench/plugins",
            swiftSettings: house),

        .executableTarget(
            name: "storage-bench", dependencies: ["PluginHost", "PluginKit", log], path: "bench/storage",
            swiftSettings: house),

        // SQLite storage that fails when it is told to.
        .target(
            name: "FaultyStorage", dependencies: ["PluginKit", "PluginKitLink", "SQLiteStorage"],
            path: "Tests/Fixtures/FaultyStorage", swiftSettings: house),

        // A Supabase to test against, as a child process.
        .target(
            name: "SupabaseStandin", path: "Tests/Fixtures/SupabaseStandin", swiftSettings: house),

        // Tests.
        .testTarget(name: "SMSCodecTests", dependencies: ["SMSCodec"], swiftSettings: house),
        .testTarget(
            name: "ModemKitTests", dependencies: ["ModemKit", "CModemIO", "ModemSimulator", "SMSCodec", log],
            swiftSettings: house),
        .testTarget(name: "ModemSimulatorTests", dependencies: ["ModemSimulator", "SMSCodec"], swiftSettings: house),
        .testTarget(
            name: "PluginHostTests",
            dependencies: [
                "PluginHost", "conductor-worker", "PluginKit", "PluginTestKit", "CPluginABI", "SupabaseStandin", log,
            ],
            swiftSettings: house),
        .testTarget(name: "CRMImportTests", dependencies: ["CRMImport", "PluginKit"], swiftSettings: house),
        .testTarget(name: "SettingsTests", dependencies: ["Settings"], swiftSettings: house),
        .testTarget(
            name: "PluginTests",
            dependencies: [
                "SQLiteStorage", "SupabaseStorage", "AutoReply", "CurlClient", "LogNotifier", "PluginKit",
                "PluginTestKit", "ScriptPlugin", "GatewayCore", "SupabaseStandin",
                grdb,
            ],
            swiftSettings: house),
        .testTarget(
            name: "GatewayCoreTests",
            dependencies: [
                "CurlClient", "GatewayCore", "ModemKit", "PluginKit", "PluginHost", "SMSCodec", "SupabaseStandin", grdb,
                log,
            ],
            swiftSettings: house),
        .testTarget(
            name: "ConductorTests",
            dependencies: ["CRMImport", "conductor", "ConsoleServer", "GatewayCore", "SMSCodec", "SupabaseStandin"],
            swiftSettings: house),
        // Whole: the gateway and the simulator as processes of their own.
        .testTarget(name: "EndToEndTests", dependencies: ["SMSCodec", "SupabaseStandin", grdb], swiftSettings: house),
    ]
        + plugin("SQLiteStorage", folder: "SQLiteStorage")
        + plugin("SupabaseStorage", folder: "SupabaseStorage")
        + plugin("AutoReply", folder: "AutoReply")
        + plugin("LogNotifier", folder: "LogNotifier")
        + plugin("ScriptPlugin", folder: "ScriptPlugin")
)
