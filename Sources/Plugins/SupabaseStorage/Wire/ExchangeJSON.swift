internal import PluginKit

/// The parts of an exchange as the project's function takes them.
enum ExchangeJSON {
    static func write(_ outcome: ExchangeRequest.Outcome, to json: inout JSONWriter) {
        json.object { json in
            json.member("uid", outcome.uid)
            json.member("storage_id", outcome.storageID)
            json.member("status", outcome.status.rawValue)
            json.member("delivery_status", outcome.deliveryStatus?.rawValue)
            json.member("error_code", outcome.errorCode)
            json.member("error_message", outcome.errorMessage)
            json.member("modem_timestamp", outcome.modemTimestamp?.milliseconds)
            json.member("not_before", outcome.notBefore?.milliseconds)
            json.member("sim", outcome.sim)
            json.member("parts", outcome.parts)
        }
    }

    static func write(_ start: ExchangeRequest.Start, to json: inout JSONWriter) {
        json.object { json in
            json.member("storage_id", start.storageID)
            json.member("uid", start.uid)
        }
    }
}
