/// A package of Swift: a library, its tests, and a program to try it with.
extension PluginTemplate {
    var swiftFiles: [File] {
        let responder = kind == .responder
        var files = [
            File(path: "Package.swift", text: responder ? Self.swiftPackage : Self.swiftPackageWithoutTry),
            File(path: "Makefile", text: Self.swiftMakefile),
            File(path: "Sources/@TYPE@/@TYPE@.swift", text: responder ? Self.swiftResponder : Self.swiftNotifier),
            File(
                path: "Tests/@TYPE@Tests/@TYPE@Tests.swift",
                text: responder ? Self.swiftResponderTests : Self.swiftNotifierTests),
            File(
                path: "plugins.d/60-@NAME@.yaml",
                text: responder ? Self.swiftResponderDropIn : Self.swiftNotifierDropIn),
        ]
        if responder { files.append(File(path: "Sources/try/main.swift", text: Self.swiftTry)) }
        return files
    }

    private static let swiftPackage = #"""
        // swift-tools-version: 6.2
        import PackageDescription

        let sdk = (kit: Target.Dependency.product(name: "PluginKit", package: "sdk"),
                   tests: Target.Dependency.product(name: "PluginTestKit", package: "sdk"))

        let package = Package(
            name: "@NAME@",
            products: [.library(name: "@NAME@", type: .dynamic, targets: ["@TYPE@"])],
            dependencies: [.package(path: "sdk")],
            targets: [
                .target(name: "@TYPE@", dependencies: [sdk.kit]),
                .executableTarget(name: "try", dependencies: ["@TYPE@", sdk.tests]),
                .testTarget(name: "@TYPE@Tests", dependencies: ["@TYPE@", sdk.tests]),
            ]
        )

        """#

    private static var swiftPackageWithoutTry: String {
        swiftPackage.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.contains("name: \"try\"") }.joined(separator: "\n")
    }

    private static let swiftMakefile = """
        # The gateway that `make run` starts, and the folder that `make install` fills.
        CONDUCTOR ?= @CONDUCTOR@
        PLUGINS_D ?= /etc/conductor/plugins.d

        .PHONY: all test run install clean

        all: plugins.d/@NAME@.so

        plugins.d/@NAME@.so: Package.swift $(shell find Sources sdk -name '*.swift' -o -name '*.h' -o -name '*.c')
        \tswift build -c release --product @NAME@ -Xlinker -s
        \tcp .build/release/lib@NAME@.so $@.part && mv $@.part $@

        test:
        \tswift test --disable-xctest

        run: all
        \t$(CONDUCTOR) run --simulate 1 --state .state --plugins plugins.d

        # The library first: a gateway that watches the folder finds it when the drop-in comes.
        install: all
        \tinstall -m 0644 plugins.d/@NAME@.so $(PLUGINS_D)/@NAME@.so.part
        \tmv $(PLUGINS_D)/@NAME@.so.part $(PLUGINS_D)/@NAME@.so
        \t[ -e $(PLUGINS_D)/60-@NAME@.yaml ] || install -m 0644 plugins.d/60-@NAME@.yaml $(PLUGINS_D)/

        clean:
        \trm -rf .build .state plugins.d/*.so

        """

    private static let swiftResponder = #"""
        import PluginKit

        /// Answers texts that hold one of its words.
        public struct @TYPE@: Responder {
            public static let info = PluginInfo(id: "@NAME@", name: "@TYPE@", version: "0.1.0")

            /// The `settings:` of the drop-in. A key that is not here is refused, with its line.
            struct Options: Decodable {
                var words: [String]
                var answer: String
            }

            private let options: Options

            /// Must not block, connect or write: `start` may.
            public init(host: Host, settings: Settings) throws {
                options = try settings.decode()
                guard !options.words.isEmpty else {
                    throw PluginError(.invalid, "settings.words: must hold a word at least")
                }
            }

            /// Called from many tasks at once, on threads of this plugin's own: it may block.
            public func respond(to text: InboundText, context: CallContext) async throws -> Decision {
                let said = text.content.lowercased()
                guard options.words.contains(where: { said.contains($0.lowercased()) }) else {
                    return .decline(reason: "none of its words")
                }
                return .reply(options.answer, reason: "one of its words")
            }
        }

        @c @implementation public func conductor_plugin_entry() -> UnsafePointer<conductor_plugin>? {
            exportPlugin(@TYPE@.self)
        }

        """#

    private static let swiftResponderTests = ##"""
        import PluginKit
        import PluginTestKit
        import Testing

        @testable import @TYPE@

        @Suite struct @TYPE@Tests {
            private func plugin(_ json: String = #"{"words": ["open"], "answer": "From 9 to 6."}"#) throws -> @TYPE@ {
                try @TYPE@(host: Host(), settings: Settings(json: json))
            }

            @Test("answers texts with one of its words, and leaves the others", arguments: [
                ("Are you OPEN today?", Decision.Kind.reply), ("Thank you!", .decline), ("", .decline),
            ])
            func answers(text: String, kind: Decision.Kind) async throws {
                let decision = try await plugin().respond(to: .example(text), context: CallContext())
                #expect(decision.kind == kind)
            }

            @Test("refuses settings it cannot use", arguments: ["{}", #"{"words": [], "answer": "x"}"#])
            func settings(json: String) {
                #expect(throws: PluginError.self) { try plugin(json) }
            }

            @Test("keeps the contract of responders", arguments: ResponderContract.rules)
            func contract(_ rule: ContractRule<ResponderSubject>) async throws {
                try await rule.check(ResponderSubject { try plugin() })
            }
        }

        """##

    private static let swiftTry = ##"""
        // swift run try "Are you open?"     asks the plugin, without a gateway.
        import @TYPE@
        import PluginTestKit

        try await ResponderHarness.run(@TYPE@.self, settings: #"{"words": ["open", "hours"], "answer": "From 9 to 6."}"#)

        """##

    private static let swiftResponderDropIn = """
        # Answers texts that hold one of `words`.
        plugin: ./@NAME@.so

        settings:
          words: [open, hours]
          answer: "We are open from 9 to 6."

        """

    private static let swiftNotifier = #"""
        import PluginKit

        /// Writes what happens to the gateway's log.
        public struct @TYPE@: Notifier {
            public static let info = PluginInfo(id: "@NAME@", name: "@TYPE@", version: "0.1.0")

            /// The `settings:` of the drop-in. A key that is not here is refused, with its line.
            struct Options: Decodable {
                /// What it tells of; everything where left out.
                var kinds: [String]?
            }

            private let host: Host
            private let options: Options

            /// Must not block, connect or write: `start` may.
            public init(host: Host, settings: Settings) throws {
                self.host = host
                options = try settings.decode()
            }

            /// Called from many tasks at once, on threads of this plugin's own: it may block. `event.json` holds numbers and
            /// texts of people, which have no place in a log.
            public func notify(_ event: Event, context: CallContext) async throws {
                guard options.kinds?.contains(event.kind) ?? true else { return }
                host.log(.info, "\(event.kind) at \(event.at)")
            }
        }

        @c @implementation public func conductor_plugin_entry() -> UnsafePointer<conductor_plugin>? {
            exportPlugin(@TYPE@.self)
        }

        """#

    private static let swiftNotifierTests = ##"""
        import PluginKit
        import PluginTestKit
        import Synchronization
        import Testing

        @testable import @TYPE@

        @Suite struct @TYPE@Tests {
            /// What it has logged.
            final class Log: Sendable {
                let lines = Mutex<[String]>([])
            }

            @Test("tells of the kinds it is asked to")
            func tells() async throws {
                let log = Log()
                let host = Host(log: { _, line in log.lines.withLock { $0.append(line) } })
                let plugin = try @TYPE@(host: host, settings: Settings(json: #"{"kinds": ["alarm"]}"#))
                for kind in ["message.received", "alarm"] {
                    let event = Event(id: kind, kind: kind, at: Timestamp(milliseconds: 0), json: "{}")
                    try await plugin.notify(event, context: CallContext())
                }
                #expect(log.lines.withLock { $0 } == ["alarm at 1970-01-01T00:00:00.000Z"])
            }

            @Test("keeps the contract of notifiers", arguments: NotifierContract.rules)
            func contract(_ rule: ContractRule<NotifierSubject>) async throws {
                try await rule.check(NotifierSubject { try @TYPE@(host: Host(), settings: Settings()) })
            }
        }

        """##

    private static let swiftNotifierDropIn = """
        # Writes what happens to the gateway's log.
        plugin: ./@NAME@.so

        settings:
          # What it tells of; everything where left out.
          kinds: [message.received, message.sent, modem.ready, alarm]

        """
}
