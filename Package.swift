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
        .executable(name: "conductor-worker", targets: ["conductor-worker"]),
        .library(name: "PluginKit", targets: ["PluginKit", "PluginKitLink"]),
        .library(name: "PluginTestKit", targets: ["PluginTestKit"]),
        // Measured by `make bench`, never installed.
        .library(name: "conductor-bench-quick", type: .dynamic, targets: ["BenchQuick"]),
        .library(name: "conductor-bench-blocking", type: .dynamic, targets: ["BenchBlocking"]),
        .library(name: "conductor-auto-reply", type: .dynamic, targets: ["AutoReplyEntry"]),
    ],
    dependencies: [
        // Why each: the table "Dependencies" in README.md.
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        .target(
            name: "CPluginABI", path: "CShims/CPluginABI", exclude: ["README.md", "abi"], sources: ["src"],
            publicHeadersPath: "include", cSettings: c),
        .target(
            name: "CCrypto", path: "CShims/CCrypto", sources: ["src"], publicHeadersPath: "include", cSettings: c,
            linkerSettings: [.linkedLibrary("crypto")]),
        .target(
            name: "CSandbox", path: "CShims/CSandbox", exclude: ["tests", "README.md"], sources: ["src"],
            publicHeadersPath: "include", cSettings: c),
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
        .executableTarget(name: "conductor-worker", dependencies: ["PluginHost"], swiftSettings: house),

        // Bundled plugins.
        .target(
            name: "AutoReply", dependencies: ["PluginKit"], path: "Sources/Plugins/AutoReply", exclude: ["Entry"],
            swiftSettings: house),
        .target(
            name: "BenchQuick", dependencies: ["PluginKit", "PluginKitLink"], path: "bench/responders/Quick",
            swiftSettings: house),
        .target(
            name: "BenchBlocking", dependencies: ["PluginKit", "PluginKitLink"], path: "bench/responders/Blocking",
            swiftSettings: house),
        .executableTarget(
            name: "plugin-bench", dependencies: ["PluginHost", "PluginKit", log], path: "bench/plugins",
            swiftSettings: house),

        // Tests.
        .testTarget(
            name: "PluginHostTests",
            dependencies: ["PluginHost", "conductor-worker", "PluginKit", "PluginTestKit", "CPluginABI", log],
            swiftSettings: house),
    ]
        + plugin("AutoReply", folder: "AutoReply")
)
