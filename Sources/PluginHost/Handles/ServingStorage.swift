/// One instance of a storage, as it serves: calls go to this one, also when another takes its place meanwhile. Hold it
/// for one piece of work only: the instance is not stopped before it is let go.
public struct ServingStorage: Sendable {
    /// Always asks the same instance.
    public let handle: StorageHandle
    /// The same instance, where it keeps customers, too.
    public let customers: CustomersHandle?
    /// Of the instance: another one, be it of the same storage, has another number.
    public let serial: Int

    public init(handle: StorageHandle, customers: CustomersHandle? = nil, serial: Int) {
        self.handle = handle
        self.customers = customers
        self.serial = serial
    }
}
