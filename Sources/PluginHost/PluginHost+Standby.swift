import PluginKit
import Settings

/// A storage that runs beside the one that serves, without taking its place: to copy between both.
public final class StandbyStorage: Sendable {
    /// Always asks this instance.
    public let handle: StorageHandle
    /// The same instance, where it keeps customers, too.
    public let customers: CustomersHandle?
    /// The drop-in's file, as it is named when it is enabled.
    public let fileName: String
    private let generation: Generation

    init(_ generation: Generation, dropIn: DropIn) {
        self.generation = generation
        fileName = dropIn.fileName
        let way = CallWay(Lease(generation))
        handle = StorageHandle(name: dropIn.name, way: way)
        customers =
            generation.facts.shortCapabilities.contains("crm") ? CustomersHandle(name: dropIn.name, way: way) : nil
    }

    /// Stops it. Call it once, when nothing is asked of `handle` any more.
    @concurrent
    public func end() async {
        _ = await generation.runtime.stop()
    }
}

extension PluginHost {
    /// Makes and starts the storage of a drop-in, whether that is enabled or not. No text is sent there by the gateway.
    ///
    /// - Throws: with file, line and reason when it cannot be used.
    @concurrent
    public func standby(_ file: DropInFile) async throws(DropInFile.Failure) -> StandbyStorage {
        let dropIn = try file.read()
        let runtime: any PluginRuntime
        let preparation: Preparation
        do throws(LoadFailure) {
            let path = try configuration.locate(dropIn.plugin)
            preparation = try await prepare(dropIn, try copy(path), from: path)
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
            Generation(runtime, identity: preparation.identity, facts: preparation.facts, deadline: dropIn.deadline),
            dropIn: dropIn)
    }
}
