extension ModemFamily {
    /// Sticks and modules of Huawei.
    static let huawei = ModemFamily(
        name: "Huawei",
        makers: ["huawei"],
        discs: [
            "12d1:1446", "12d1:14fe", "12d1:1505", "12d1:1553", "12d1:155b", "12d1:157c", "12d1:157d",
            "12d1:15ca", "12d1:15cd", "12d1:15cf", "12d1:15e7", "12d1:1c0b", "12d1:1c1b", "12d1:1f01",
            "12d1:1f02",
        ],
        networkCards: ["12d1:14dc"],
        // ^CURC=0 ends ^RSSI, ^MODE, ^HCSQ and their like; +CMTI still comes.
        preparation: ["AT^CURC=0"],
        startMarks: ["^SYSSTART"], readyMarks: ["^SMSREADY"],
        ussd: .packedHex,
        restarts: ["AT^RESET", "AT+CFUN=1,1"])
}
