internal import Foundation

extension [UInt8] {
    /// As SQLite's driver takes it.
    var data: Data { Data(self) }
}
