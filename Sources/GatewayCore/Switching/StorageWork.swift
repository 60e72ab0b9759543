/// What has the storages to itself: texts are carried between them, or somebody is taken out of all of them. Both at once
/// would bring back who was erased.
enum StorageWork: Sendable {
    case switching
    case erasing
}
