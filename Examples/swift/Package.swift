// swift-tools-version: 6.2
import PackageDescription

// A package of its own: all it needs is the SDK (`make sdk DEST=Examples/swift/sdk`, or the installed one).
let sdk = Context.environment["CONDUCTOR_SDK"] ?? "sdk"

let package = Package(
    name: "hours",
    products: [.library(name: "hours", type: .dynamic, targets: ["Hours"])],
    dependencies: [.package(name: "sdk", path: sdk)],
    targets: [.target(name: "Hours", dependencies: [.product(name: "PluginKit", package: "sdk")])]
)
