extension ModemFamily {
    /// Modules of SIMCom: SIM800, SIM900, SIM7000, SIM7600, A76xx.
    static let simcom = ModemFamily(
        name: "SIMCom",
        makers: ["simcom", "sim com"], models: ["sim7", "sim8", "sim9", "a76", "simcom"],
        usb: usbSIMCom,
        discs: ["1e0e:f000"],
        startMarks: ["RDY", "*ATREADY: 1", "START"],
        readyMarks: ["SMS DONE", "SMS Ready"],
        noise: [
            "Call Ready", "PB DONE", "UNDER-VOLTAGE WARN", "OVER-VOLTAGE WARN", "+SIM READY", "*PSUTTZ:", "DST:",
            "+RXDTMF:", "VOICE CALL:", "MISSED_CALL:", "NORMAL POWER DOWN", "+SPUB:",
        ],
        restarts: ["AT+CFUN=1,1", "AT+CRESET"])

    private static let usbSIMCom = USBTable(
        """
        1e0e:9001 at:2 at2:3 no:0,1,4 SIM7000, SIM7100, SIM7600...
        1e0e:9011 at:4 ppp:5 no:2 SIM A7600E-H, A7602E-H
        1e0e:9100 at:3 at2:1 Prolink PH-300
        1e0e:9200 at:3 at2:1 SCT UM300
        1e0e:9205 at:2 ppp:3 no:0,1 SIM7070, SIM7080, SIM7090
        1e0e:9206 at:2 ppp:5 no:0,1,3,4 SIM7070, SIM7080, SIM7090
        1e0e:cefe at:2 at2:0,1 A-LINK 3GU
        """)
}
