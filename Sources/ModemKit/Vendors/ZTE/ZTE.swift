extension ModemFamily {
    /// Sticks and modules of ZTE.
    static let zte = ModemFamily(
        name: "ZTE",
        makers: ["zte"], models: ["mf", "k3565-z", "k3570-z", "k3571-z", "k4505-z"],
        usb: usbZTE,
        discs: [
            "19d2:0053", "19d2:0083", "19d2:0101", "19d2:0103", "19d2:0110", "19d2:0149", "19d2:0150",
            "19d2:0154", "19d2:1007", "19d2:1009", "19d2:1224", "19d2:1232", "19d2:1237", "19d2:1238",
            "19d2:1514", "19d2:2000",
        ],
        // Says `+ZUSIMR:2` every two seconds until AT+CPMS? is asked.
        preparation: ["AT+CPMS?"],
        noise: ["+ZUSIMR:", "+ZDONR:", "+ZPASR:", "+ZEND", "+ZMGN", "+BEARTYPE:"],
        restarts: ["AT+CFUN=1,1", "AT+ZRST"])

    private static let usbZTE = USBTable(
        """
        19d2:0001 at:0 at2:2 CDMA Wireless Modem
        19d2:0002 at:2 at2:4 MF632/ONDA ET502HS/MT505UP
        19d2:0003 at:0 at2:1
        19d2:0004 at:0 at2:1
        19d2:0005 at:0 at2:1
        19d2:0006 at:0 at2:1
        19d2:0007 at:0 at2:1 TU25 WiMAX Adapter [Beceem BCS200]
        19d2:0008 at:0 at2:1
        19d2:0009 at:0 at2:1
        19d2:000a at:0 at2:1
        19d2:0012 at:2 at2:4
        19d2:0015 at:1 at2:3
        19d2:0016 at:2 at2:1
        19d2:0017 at:2 at2:1 MF669
        19d2:0018 at:2 at2:1
        19d2:0019 at:2 at2:1
        19d2:0021 at:3 at2:1
        19d2:0024 at:2 at2:4
        19d2:0025 at:2 at2:4
        19d2:0030 at:1 at2:3
        19d2:0031 at:3 at2:1 MF110/MF627/MF636
        19d2:0033 at:4 at2:1
        19d2:0037 at:3 at2:1 ONDA MC503HSA
        19d2:0039 at:3 at2:1 MF100
        19d2:0042 at:3 at2:1
        19d2:0043 at:3 at2:2
        19d2:0048 at:4 at2:2
        19d2:0049 at:4 at2:2
        19d2:0052 at:3 at2:1
        19d2:0054 at:1 at2:3
        19d2:0055 at:2 at2:4
        19d2:0057 at:3 at2:1
        19d2:0058 at:3 at2:1
        19d2:0061 at:3 at2:1
        19d2:0063 at:3 at2:1 K3565-Z HSDPA
        19d2:0064 at:2 at2:0 MF627 AU
        19d2:0066 at:3 at2:1
        19d2:0078 at:3 at2:1
        19d2:0082 at:3 at2:1
        19d2:0091 at:4 at2:1
        19d2:0104 at:3 at2:1 K4505-Z
        19d2:0106 at:3 at2:1
        19d2:0108 at:3 at2:1
        19d2:0113 at:4 at2:1
        19d2:0117 at:2 at2:1 MF667
        19d2:0118 at:4 at2:1
        19d2:0121 at:4 at2:1
        19d2:0122 at:3 at2:1
        19d2:0123 at:3 at2:1
        19d2:0124 at:4 at2:1
        19d2:0125 at:5 at2:1
        19d2:0126 at:4 at2:1
        19d2:0128 at:4 at2:1
        19d2:0156 at:2 at2:1
        19d2:1007 at:3 at2:1
        19d2:1008 at:3 at2:1 K3570-Z
        19d2:1010 at:3 at2:1 K3571-Z
        19d2:1254 at:3 at2:1
        19d2:1268 at:3 at2:1
        19d2:1515 at:0 at2:2
        19d2:2002 at:3 at2:1
        19d2:2003 at:3 at2:1
        """)
}
