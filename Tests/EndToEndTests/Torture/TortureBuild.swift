import Foundation
import Glibc

/// The programs of the build with crash points, and what a run is told by its environment.
enum TortureBuild {
    static let environment = ProcessInfo.processInfo.environment

    /// `CONDUCTOR_TORTURE_PROGRAMS`: the folder with the programs; nil where that build was not made.
    static var programs: String? {
        guard let folder = environment["CONDUCTOR_TORTURE_PROGRAMS"], access(folder + "/conductor", X_OK) == 0 else {
            return nil
        }
        return folder
    }

    static let isThere = programs != nil
    static let absence = "`make torture` builds the programs that this needs"

    static func conductor() throws -> String {
        guard let programs else { throw Failure(absence) }
        return programs + "/conductor"
    }

    static func number(_ name: String) -> Int? { environment[name].flatMap(Int.init) }
}
