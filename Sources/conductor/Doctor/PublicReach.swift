import CurlClient
import Foundation
import PluginHost
import PluginKit

/// What anybody may read of a Supabase project whose drop-in names its public key: that key is in every web page and
/// program that uses the project (C1).
struct PublicReach: Sendable, Equatable {
    /// `20-supabase.yaml`.
    var dropIn: String
    /// Tables that gave a row.
    var open: [String] = []
    /// Why some of them could not be tried.
    var problem: String?

    private static let tables = [
        "messages", "optouts", "contacts", "customers", "transactions", "transaction_items", "products", "staff",
    ]
    private static let timeoutMilliseconds: Int64 = 10_000

    /// Asks the projects of all enabled drop-ins that have `anon_key_file`. Nothing of a row is kept.
    ///
    /// - Parameter stateFolder: from where relative paths are meant.
    static func of(_ dropIns: [DropInSummary], stateFolder: String) async -> [PublicReach] {
        var reaches: [PublicReach] = []
        for dropIn in dropIns where dropIn.isEnabled && dropIn.plugin == "supabase" {
            guard let file = dropIn.setting("anon_key_file"), let url = dropIn.setting("url") else { continue }
            func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(stateFolder)/\(path)" }
            var reach = PublicReach(dropIn: dropIn.fileName)
            if SecretShapes.isSecretInPlaceOfFile(file) {
                reach.problem = "anon_key_file names the file with the key, and is not the key itself"
            } else if let key = read(absolute(file)) {
                let main = dropIn.setting("key_file").flatMap { read(absolute($0)) }
                if isSecret(key) || key == main && dropIn.setting("gateway_token_file") == nil {
                    reach.problem = "anon_key_file holds a key that may do everything: the public one is meant"
                } else {
                    await reach.ask(url, key: key, caFile: dropIn.setting("ca_file").map(absolute))
                }
            } else {
                reach.problem = "\(absolute(file)) cannot be read, or has no key in it"
            }
            reaches.append(reach)
        }
        return reaches
    }

    private mutating func ask(_ url: String, key: String, caFile: String?) async {
        var base = url
        while base.hasSuffix("/") { base.removeLast() }
        if !base.hasSuffix("/rest/v1") { base += "/rest/v1" }
        var headers = [CurlRequest.Header("apikey", key)]
        if Self.claims(key) != nil { headers.append(.init("Authorization", "Bearer \(key)")) }
        let client = CurlClient()
        defer { client.stop() }
        for table in Self.tables {
            let request = CurlRequest(
                method: "GET", url: "\(base)/\(table)?select=*&limit=1", headers: headers,
                timeoutMilliseconds: Self.timeoutMilliseconds, responseLimit: 1 << 20, caFile: caFile)
            do throws(CurlError) {
                let response = try await client.perform(request)
                switch response.status {
                case 200, 206: if Self.hasRow(response.body) { open.append(table) }
                // Not allowed, or not there.
                case 401, 403, 404: break
                default: problem = "the project answered \(response.status)"
                }
            } catch {
                problem = error.description
                // Nor will it answer the next question.
                if error.code != .tooLong { return }
                open.append(table)
                problem = nil
            }
        }
    }

    /// A list with something in it.
    private static func hasRow(_ body: [UInt8]) -> Bool {
        let text = body.filter { !$0.isBlank }
        return text.first == UInt8(ascii: "[") && text.count > 1 && text[1] != UInt8(ascii: "]")
    }

    private static func read(_ path: String) -> String? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        let key = text.trimmingCharacters(in: .whitespacesAndNewlines)
        return !key.isEmpty && key.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? key : nil
    }

    private static func isSecret(_ key: String) -> Bool {
        key.hasPrefix("sb_secret_") || claims(key)?.contains("service_role") == true
    }

    /// What an old key (a JWT) says of itself; nil for a new one.
    private static func claims(_ key: String) -> String? {
        let parts = key.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        var text = parts[1].replacing("-", with: "+").replacing("_", with: "/")
        while text.utf8.count % 4 != 0 { text += "=" }
        return Data(base64Encoded: String(text)).map { String(decoding: $0, as: UTF8.self) }
    }
}

extension UInt8 {
    fileprivate var isBlank: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
}
