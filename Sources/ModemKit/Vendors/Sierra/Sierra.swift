extension ModemFamily {
    /// Modules of Sierra Wireless.
    static let sierra = ModemFamily(
        name: "Sierra",
        makers: ["sierra"],
        usb: usbSierra,
        discs: ["1199:0fff"],
        noise: ["!SCACT:", "!PACSP"],
        restarts: ["AT+CFUN=1,1", "AT!RESET"],
        bootTime: .seconds(40))

    private static let usbSierra = USBTable(
        """
        1199:68c0 at:3 no:0,2 RC7611
        1199:9071 at:3 no:0,2 MC74XX
        1199:9079 at:3 no:0,2 EM7455
        1199:9091 at:3 no:0,2 EM7565
        1199:c001 at:0 ppp:2 no:4 HL7812
        """)
}
