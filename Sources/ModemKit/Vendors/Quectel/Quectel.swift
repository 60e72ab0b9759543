extension ModemFamily {
    /// Modules of Quectel: EC2x, EG9x, BG96, M-series, UC20.
    static let quectel = ModemFamily(
        name: "Quectel",
        makers: ["quectel"],
        usb: usbQuectel,
        // Indications go to the port that commands are answered on, or, where it can, to all.
        preparation: ["AT+QURCCFG=\"urcport\",\"usbat\"", "AT+QURCCFG=\"urcport\",\"all\"", "AT+QINDCFG=\"csq\",0"],
        startMarks: ["RDY"], readyMarks: ["+QIND: SMS DONE"],
        noise: ["+QIND:", "+QUSIM:", "+QSIMSTAT:", "+QNTP:", "NORMAL POWER DOWN", "POWERED DOWN"],
        // EC25: a report is announced in "SM" and lies in "SR".
        reportMemories: ["SM": "SR", "ME": "SR"])

    private static let usbQuectel = USBTable(
        """
        2c7c:0121 at:2 at2:3 no:0,1 Quectel EC21-EUX
        2c7c:0125 at:2 at2:3 no:0,1 Quectel EC25/EG25
        2c7c:0128 at:5 no:3,4 Quectel EM060K-GL
        2c7c:0191 at:2 at2:3 no:0,1 Quectel EG91
        2c7c:0195 at:2 at2:3 no:0,1 Quectel EG95
        2c7c:0296 at:2 at2:3 no:0,1 Quectel BG96
        2c7c:0306 at:2 at2:3 no:0,1 Quectel EG06
        2c7c:0512 at:2 at2:3 no:0,1 Quectel EG12-EA
        2c7c:0800 at:2 at2:3 no:0,1 Quectel RM500
        2c7c:0801 at:2 at2:3 no:0,1 Quectel RM520N
        """)
}
