internal import PluginKit

/// What one storage has of a person.
struct StoredPerson: Sendable {
    var health: StorageHealth
    /// Oldest first.
    var texts: [Message]
    /// nil where the storage does not tell.
    var stored: StoredContact?
}
