extension ModemFamily {
    /// Modems of Wavecom and those built on its chip, on true serial lines.
    static let wavecom = ModemFamily(
        name: "Wavecom",
        makers: ["wavecom"], models: ["multiband"],
        // +WIND: 3 is the start of the software, +WIND: 4 its end: all commands work.
        preparation: ["AT+WIND=15"],
        startMarks: ["+WIND: 3"], readyMarks: ["+WIND: 4"],
        noise: ["+WIND:"],
        // It starts anew by AT+CFUN=1 alone.
        restarts: ["AT+CFUN=1"])
}
