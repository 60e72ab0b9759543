/// The first frame to a worker: which plugin it is, and what may become of it.
struct Hello: Sendable, Hashable {
    /// Raised with every change of any frame: a worker of another release refuses to go on.
    static let release: UInt32 = 2

    enum Purpose: UInt32, Sendable, Hashable {
        /// Makes an instance and serves it.
        case serve = 0
        /// Says what the library is, and ends.
        case probe = 1
    }

    var purpose: Purpose
    /// The host's process: the worker ends with it.
    var parent: Int32
    /// The copy that is opened, and the file that people know it by.
    var library: String
    var path: String
    /// The drop-in's name, as `20-hours`.
    var name: String
    var baseFolder: String
    /// A JSON object.
    var settings: String
    /// Host services whose tables the plugin gets, by the words of `grants`.
    var services: [String]
    /// What each call is told as its deadline; that of the host binds.
    var deadline: Duration
    var fence: Fence
}

extension Hello.Purpose: WireValue {}

extension Hello: WireValue {
    func write(to wire: inout WireWriter) {
        Self.release.write(to: &wire)
        purpose.write(to: &wire)
        parent.write(to: &wire)
        library.write(to: &wire)
        path.write(to: &wire)
        name.write(to: &wire)
        baseFolder.write(to: &wire)
        settings.write(to: &wire)
        services.write(to: &wire)
        deadline.write(to: &wire)
        fence.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        let release = try wire.value(UInt32.self)
        guard release == Self.release else {
            throw WireError("conductor and conductor-worker are of different releases: install both anew")
        }
        self.init(
            purpose: try wire.value(), parent: try wire.value(), library: try wire.value(), path: try wire.value(),
            name: try wire.value(), baseFolder: try wire.value(), settings: try wire.value(),
            services: try wire.value(), deadline: try wire.value(), fence: try wire.value())
    }
}

/// What a worker found in its library: its answer to `Hello`.
struct WorkerReady: Sendable, Hashable {
    var id: String
    var name: String
    var version: String
    /// As `1.0`.
    var abi: String
    /// The Swift toolchain it was built with; nil for a plugin without Swift.
    var toolchain: String?
    /// Ids of the descriptor, as `conductor.storage/1`.
    var offers: [String]
    /// Of the instance: `storage`, `responder`, `notifier`. Empty for a probe.
    var capabilities: [String]
    /// Why it cannot be used though it was made.
    var flaw: String?
    /// What the fence could not do.
    var warnings: [String]
}

extension WorkerReady: WireValue {
    func write(to wire: inout WireWriter) {
        id.write(to: &wire)
        name.write(to: &wire)
        version.write(to: &wire)
        abi.write(to: &wire)
        toolchain.write(to: &wire)
        offers.write(to: &wire)
        capabilities.write(to: &wire)
        flaw.write(to: &wire)
        warnings.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            id: try wire.value(), name: try wire.value(), version: try wire.value(), abi: try wire.value(),
            toolchain: try wire.value(), offers: try wire.value(), capabilities: try wire.value(),
            flaw: try wire.value(), warnings: try wire.value())
    }
}
