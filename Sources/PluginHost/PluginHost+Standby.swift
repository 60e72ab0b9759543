import PluginKit
import Settings
import Synchronization

/// A storage that runs beside the one that serves, without taking its place: to copy between both.
public final class StandbyStorage: Sendable {
    /// Always asks this instance.
    public let handle: StorageHandle
    /// The same instance, where it keeps customers, too.
    public let customers: CustomersHandle?
    /// The drop-in's file, as it is named when it is enabled.
    public let fileName: String
    private let generation: Generation
    private let onEnd: @Sendable () -> Void

    /// - Parameter onEnd: called after it has ended.
    init(_ generation: Generation, dropIn: DropIn, onEnd: @escaping @Sendable () -> Void) {
        self.generation = generation
        self.onEnd = onEnd
        fileName = dropIn.fileName
        let way = CallWay(Lease(generation))
        handle = StorageHandle(name: dropIn.name, way: way)
        customers =
            generation.facts.shortCapabilities.contains("crm") ? CustomersHandle(name: dropIn.name, way: way) : nil
    }

    /// Stops it. Call it once, when nothing is asked of `handle` any more.
    @concurrent
    public func end() async {
        _ = await generation.stop()
        onEnd()
    }
}

extension PluginHost {
    /// Makes and starts the storage of a drop-in, whether that is enabled or not. No text is sent there by the gateway.
    ///
    /// - Throws: with file, line and reason when it cannot be used.
    @concurrent
    public func standby(_ file: DropInFile) async throws(DropInFile.Failure) -> StandbyStorage {
        let dropIn = try file.read()
        let copy: LibraryCopy
        let path: String
        do throws(LoadFailure) {
            path = try configuration.locate(dropIn.plugin)
            copy = try await borrow(path)
        } catch {
            throw DropInFile.Failure(
                description: dropIn.root.nearest(to: dropIn.subject).error(error.description).description)
        }
        do throws(DropInFile.Failure) {
            return try await standby(dropIn, copy, from: path)
        } catch {
            giveBack(copy)
            throw error
        }
    }

    /// A copy that no look at plugins.d sweeps away, not even while it is made.
    private func borrow(_ path: String) async throws(LoadFailure) -> LibraryCopy {
        await turn.take()
        let result: Result<LibraryCopy, LoadFailure>
        do throws(LoadFailure) {
            let copy = try copy(path)
            borrowed.withLock { $0.append(copy.path) }
            result = .success(copy)
        } catch {
            result = .failure(error)
        }
        await turn.give()
        return try result.get()
    }

    private func giveBack(_ copy: LibraryCopy) {
        borrowed.withLock { paths in
            if let index = paths.firstIndex(of: copy.path) { paths.remove(at: index) }
        }
    }

    private func standby(
        _ dropIn: DropIn, _ copy: LibraryCopy, from path: String
    ) async throws(DropInFile.Failure) -> StandbyStorage {
        let runtime: any PluginRuntime
        let preparation: Preparation
        do throws(LoadFailure) {
            preparation = try await prepare(dropIn, copy, from: path)
            guard preparation.facts.shortCapabilities.contains("storage") else {
                throw LoadFailure("it is no storage")
            }
            runtime = try await preparation.make()
        } catch {
            throw DropInFile.Failure(
                description: dropIn.root.nearest(to: dropIn.subject).error(error.description).description)
        }
        do throws(PluginError) {
            try await runtime.start()
        } catch {
            _ = runtime.discard()
            throw DropInFile.Failure(description: dropIn.place(error, doing: "start failed: ").description)
        }
        return StandbyStorage(
            Generation(
                runtime, identity: preparation.identity, facts: preparation.facts, deadline: dropIn.deadline,
                discretion: Discretion(dropIn)),
            dropIn: dropIn, onEnd: { [self] in giveBack(copy) })
    }
}
