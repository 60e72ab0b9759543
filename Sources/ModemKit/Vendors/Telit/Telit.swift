extension ModemFamily {
    /// Modules of Telit.
    static let telit = ModemFamily(
        name: "Telit",
        makers: ["telit"],
        usb: usbTelit,
        // #QSS: 3 says that the SIM's texts can be read.
        preparation: ["AT#QSS=2"],
        readyMarks: ["#QSS: 3"],
        restarts: ["AT+CFUN=1,1", "AT#REBOOT"])

    private static let usbTelit = USBTable(
        """
        1bc7:1003 at:0 at2:2 UC864-E, UC864-E-AUTO, UC864-K, UC864-WD, UC864-WDU
        1bc7:1004 at:0 at2:3 no:2 UC864-G
        1bc7:1005 at:0 at2:3 no:2 CC864-DUAL
        1bc7:1006 at:0 at2:2 CC864-SINGLE, CC864-KPS
        1bc7:1010 at:3 at2:2 no:1 DE910-DUAL
        1bc7:1011 at:1 CE910-DUAL
        1bc7:1031 at:1 at2:2 no:0 LE910C1-EUX
        1bc7:1033 at:1 at2:2 no:0 LE910C1-EUX
        1bc7:1040 at:4 at2:5 no:0,3,6 LE922, LM9x0
        1bc7:1041 at:5 at2:6 no:0,4,7 LE922, LM9x0
        1bc7:1050 at:4 at2:5 no:0,3,6 FN980
        1bc7:1051 at:5 at2:6 no:0,4,7 FN980
        1bc7:1060 at:4 at2:5 no:0,3,6 LN920
        1bc7:1061 at:5 at2:6 no:0,4,7 LN920
        1bc7:1070 at:4 at2:5 no:0,3,6 FN990
        1bc7:1071 at:5 at2:6 no:0,4,7 FN990
        1bc7:10a0 at:2 no:1,3 FN920C04
        1bc7:10a2 at:3 no:2,4 FN920C04
        1bc7:10a4 at:1 at2:2 no:3 FN920C04
        1bc7:10a7 at:2 at2:3 no:4 FN920C04
        1bc7:10a9 at:1 no:2 FN920C04
        1bc7:10aa at:2 no:3 FN920C04
        1bc7:10b0 at:2 at2:3 no:1,4,5 FE990B40
        1bc7:10b1 at:3 at2:4 no:2,5,6 FE990B40
        1bc7:10c0 at:2 no:1,3 FE910C04
        1bc7:10c2 at:3 no:2,4 FE910C04
        1bc7:10c4 at:1 at2:2 no:3 FE910C04
        1bc7:10c6 at:2 at2:3 no:4 FE910C04
        1bc7:10c8 at:1 no:2 FE910C04
        1bc7:10c9 at:2 no:3 FE910C04
        1bc7:10d0 at:2 at2:3 no:1,4,5 FN990B40
        1bc7:10d1 at:3 at2:4 no:2,5,6 FN990B40
        1bc7:1101 at:1 at2:2 no:0 ME910C1
        1bc7:110a at:1 at2:2 no:0 MEx10G1
        1bc7:1201 at:4 at2:5 no:0,3,6 LE910C1 with default usb cfg
        1bc7:1204 at:5 at2:6 no:0,4,7 LE910C1
        1bc7:3000 at:2 no:1,3 FN912C04
        1bc7:3001 at:1 no:2 FN912C04
        1bc7:7010 at:4 at2:3 no:2 LE910S1
        1bc7:7011 at:4 at2:3 no:2 LE910S1
        1bc7:7020 at:6 at2:2 no:4 LE910Q1/ELS63
        1bc7:7021 at:6 at2:2 no:4 LE910Q1/ELS63
        """)
}
