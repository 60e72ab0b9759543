/// What AT&F and a restart bring back to the factory's values.
struct Session {
    struct Indications {
        /// `<mode>,<mt>,<bm>,<ds>,<bfr>` of AT+CNMI (TS 27.005 §3.4.1).
        var mode = 0
        var text = 0
        var broadcast = 0
        var report = 0
        var buffer = 0
    }

    var echo = true
    var verbose = true
    var quiet = false
    /// AT+CMEE: 0 `ERROR`, 1 numbers, 2 words.
    var errorReports = 0
    var textMode = false
    /// AT+CSMS: 1 means that direct messages are acknowledged (TS 27.005 §3.2.1).
    var service = 0
    var indications = Indications()
    /// By command: AT+CREG, AT+CGREG, AT+CEREG.
    var registrationReports: [String: Int] = [:]
    var characterSet = "GSM"
    var moreMessages = 0
    var operatorFormat = 0
    var textDetails = 0
    var registers: [String: Int] = ["S0": 0, "S3": 13, "S4": 10, "S5": 8]
}

/// How the simulated hardware behaves; settings of scripts.
struct Behaviour {
    var latency: (base: Duration, jitter: Duration) = (.zero, .zero)
    var radio: (base: Duration, jitter: Duration) = (.zero, .zero)
    var isSilent = false
    var marksRead = true
    var givesFullNotice = false
    var bootDelay: Duration = .zero
    var bootNoise = false
    var registration: Registration = .home
    var signal = 20
    var sendsReports = true
    var reportDelay: Duration = .zero
    var reportStatus: UInt8 = 0
    var wantsThreeMemories = false
    var acknowledgementTimeout: Duration = .seconds(15)
    var retryDelay: Duration = .seconds(2)
    var reenumerates = true
}
