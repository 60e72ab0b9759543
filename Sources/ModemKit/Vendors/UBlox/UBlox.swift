extension ModemFamily {
    /// Modules of u-blox: SARA, LISA, TOBY, LARA.
    static let uBlox = ModemFamily(
        name: "u-blox",
        makers: ["u-blox", "ublox"],
        usb: usbUBlox,
        noise: ["+UU", "+UMWI:", "+URAT:", "+UREG:"],
        restarts: ["AT+CFUN=16", "AT+CFUN=1,1"])

    private static let usbUBlox = USBTable(
        """
        05c6:908b at:1 at2:2 no:0,3 LARA-R6001 / LARA-R6001D
        1546:1010 no:2,4,8 Toby-L4
        1546:1102 no:6,8,a,c LISA-U2 / SARA-U2
        1546:1104 no:2,4,6 LISA-U2 / SARA-U2
        1546:1107 no:6,8,a TOBY-R2
        1546:110a no:6,8,a LARA-R2
        """)
}
