extension ModemFamily {
    /// Modules of Cinterion, once Siemens, then Gemalto, now Thales and Telit.
    static let cinterion = ModemFamily(
        name: "Cinterion",
        makers: ["cinterion", "gemalto", "siemens", "thales"],
        usb: usbCinterion,
        // ^SSIM READY says that the SIM's texts can be read.
        preparation: ["AT^SSET=1"],
        startMarks: ["^SYSSTART"], readyMarks: ["^SSIM READY"],
        noise: ["+CTZU:", "^EXIT", "^SHUTDOWN"])

    private static let usbCinterion = USBTable(
        """
        1e2d:0053 no:1 PHS8
        1e2d:005b at:0 at2:2 no:4,6,8 PLS62 family non-mbim enumeration uses alternate settings for 2G band management
        1e2d:005d at:0 at2:2 no:4,6,8 PLS62 family mbim enumeration
        1e2d:0061 at:2 ppp:0 no:4,6,8 PLS8
        1e2d:0069 at:0 at2:2 no:4,6 PLS63
        1e2d:006f at:0 at2:2 no:4,6 PLS83
        1e2d:00b3 at:2 no:4,5 MV31
        1e2d:00f1 at:2 no:4,5 MV32
        """)
}
