import Foundation
import Glibc

/// The SQL of a Supabase project, on this machine.
struct SQLFolder: Sendable {
    let path: String

    /// `$CONDUCTOR_SQL`, else beside an installed program (`make install`), else in the checkout that this program was
    /// built in.
    static func find() throws(CommandFailure) -> SQLFolder {
        if let given = getenv("CONDUCTOR_SQL").map({ String(cString: $0) }) {
            guard isOne(given) else {
                throw CommandFailure(.failed, "CONDUCTOR_SQL names \(given), which has no 001-columns.sql")
            }
            return SQLFolder(path: given)
        }
        var folder = NewPackage.executable
        while let slash = folder.lastIndex(of: "/"), slash > folder.startIndex {
            folder = String(folder[..<slash])
            for place in ["/share/conductor/supabase", "/Sources/Plugins/SupabaseStorage/SQL"]
            where isOne(folder + place) {
                return SQLFolder(path: folder + place)
            }
        }
        throw CommandFailure(
            .failed, "the SQL is not beside this program: set CONDUCTOR_SQL to the folder that has 001-columns.sql")
    }

    private static func isOne(_ path: String) -> Bool { access(path + "/001-columns.sql", R_OK) == 0 }

    /// Names of its files, in the order in which they are run.
    func files() throws(CommandFailure) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".sql") }.sorted()
        } catch {
            throw CommandFailure(.failed, "\(path) cannot be read: \(error.localizedDescription)")
        }
    }

    func text(of name: String) throws(CommandFailure) -> String {
        do {
            return try String(contentsOfFile: path + "/" + name, encoding: .utf8)
        } catch {
            throw CommandFailure(.failed, "\(path)/\(name) cannot be read: \(error.localizedDescription)")
        }
    }
}
