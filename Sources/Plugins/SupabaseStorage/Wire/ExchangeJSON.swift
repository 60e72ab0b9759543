internal import PluginKit

/// The parts of an exchange as the project's function takes them.
enum ExchangeJSON {
    static func write(_ outcome: ExchangeRequest.Outcome, to json: inout JSONWriter) {
        json.object { json in
            json.present("uid", outcome.uid)
            json.present("storage_id", outcome.storageID)
            json.member("status", outcome.status.rawValue)
            json.present("delivery_status", outcome.deliveryStatus?.rawValue)
            json.present("error_code", outcome.errorCode)
            json.present("error_message", outcome.errorMessage)
            json.present("modem_timestamp", outcome.modemTimestamp?.milliseconds)
            json.present("not_before", outcome.notBefore?.milliseconds)
            json.present("sim", outcome.sim)
            json.member("parts", outcome.parts)
        }
    }

    static func write(_ start: ExchangeRequest.Start, to json: inout JSONWriter) {
        json.object { json in
            json.present("storage_id", start.storageID)
            json.present("uid", start.uid)
        }
    }
}
