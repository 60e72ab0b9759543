extension ModemFamily {
    /// Every modem that follows TS 27.005 and TS 27.007, and USB products of makers who have no family here.
    static let generic = ModemFamily(
        name: "generic",
        usb: usbGeneric,
        discs: [
            "0421:0618", "0421:0622", "0421:062c", "05c6:2001", "05c6:98ff", "0685:2000", "07d1:a804",
            "0e8d:0002", "1bbb:f000", "1bbb:f017", "1c9e:1001", "1c9e:f000", "2001:a80b", "2001:ab00",
            "2357:f000",
        ])

    private static let usbGeneric = USBTable(
        """
        03f0:3d1d no:9 HP hs2350 Mobile Broadband Module
        0421:060d at:1
        0421:0611 at:1
        0421:0619 at:3
        0421:061a at:1
        0421:061b at:1
        0421:061f at:1
        0421:0620 at:1
        0421:0623 at:1
        0421:0624 at:1
        0421:0625 at:1
        0421:062a at:1
        0421:062e at:1
        0421:062f at:1
        0489:e0b4 at:2 at2:3 no:4,5 Foxconn T77w968
        0489:e0b5 at:2 at2:3 no:4,5 Foxconn T77w968
        07d1:7e11 at:2 at2:3 D-Link DWM-156 A3
        0930:130b no:9 Toshiba
        0930:130c no:9 Toshiba F3607gw
        0930:1311 no:9 Toshiba F3607gw
        0b3c:c005 at:5 at2:0,1,2,3,6 Olicard 200
        0bdb:1900 no:9 Ericsson F3507g
        0bdb:1902 no:9 Ericsson F3507g
        0bdb:1904 no:9 Ericsson F3607gw
        0bdb:1905 no:9 Ericsson F3607gw
        0bdb:1906 no:9 Ericsson F3607gw
        0bdb:190d no:9 Ericsson F5521gw
        0bdb:1911 no:9 Ericsson F5521gw
        0bdb:1926 no:9 Ericsson H5321gw
        0bdb:1927 no:9 Ericsson H5321gw
        0e8d:0023 at:2 at2:3 S103 / Powertel M6200
        0e8d:00a1 at:0 at2:1
        0e8d:00a2 at:0 at2:1
        0e8d:00a4 at:0 at2:2
        0e8d:00a5 at:2 at2:3 GSM modem [Medion Surfstick Model:S4222]
        0e8d:00a7 at:2 at2:3
        1508:1001 at:1 at2:2,3 no:0 Fibocom NL668-EAU
        1782:4d10 at:0 at2:5,6 no:1,2,3,4 Fibocom L610
        1782:4d11 at:2 at2:7,8 no:3,4,5,6 Fibocom L610
        1bbb:0000 at:3 at2:0,1,2 Alcatel One Touch X060s
        1bbb:0017 at:5 at2:0,1,2,3 HSPA Data Card
        1bbb:00b7 at:4 at2:0,3 Archos G9
        1bbb:022c at:1 at2:2 no:0,3 Alcaltel X602D
        1c9e:3197 at:0 at2:1
        1c9e:6000 at:0 at2:2
        1c9e:6060 at:0 at2:2
        1c9e:6061 at:0 at2:2 Alcatel One Touch X020
        1c9e:7001 at:2 at2:0,3
        1c9e:7002 at:2 at2:0,3,4
        1c9e:7101 at:4 at2:0,5
        1c9e:7102 at:4 at2:0,5,6
        1c9e:8000 at:5 at2:0,2
        1c9e:8001 at:4 at2:0,2
        1c9e:8002 at:4 at2:0,2
        1c9e:9000 at:3 at2:1 ChinaBird PL68
        1c9e:9001 at:2 at2:0,1
        1c9e:9002 at:2 at2:0,1
        1c9e:9003 at:3 at2:0,1,2
        1c9e:9004 at:1 at2:0
        1c9e:9005 at:1 at2:0
        1c9e:9010 at:3 at2:0,1
        1c9e:9012 at:2 at2:0,1
        1c9e:9020 at:3 at2:0,1
        1c9e:9022 at:2 at2:0,1
        1c9e:9602 at:0 at2:1,2 Zoom products
        1c9e:9603 at:2 at2:0,1
        1c9e:9604 at:3 at2:0,1
        1c9e:9605 at:3 at2:0,1,2
        1c9e:9606 at:4 at2:0,1,2
        1c9e:9607 at:4 at2:0,1,2,3
        2001:7d00 at:0 at2:1 D-Link DWM-156 A5
        2001:7e35 at:1 at2:2 no:0,3 D-Link DWM-222
        201e:10f8 at:3 Haier CE81B
        2020:2060 at:1 at2:2,3 no:0 BroadMobi BM818
        230d:0001 at:3 ppp:1 Linktop HSPADataCard
        2357:9000 at:3 no:0,1 D-Link DWM-222
        2cb7:0007 at:2 at2:6 no:4 Fibocom L850-GL
        2cb7:0104 at:1 at2:2 no:0,3 Fibocom FM150
        2cb7:0106 at:1 at2:2 no:0 Fibocom MA510-GL
        2cb7:010a at:0 at2:1 Fibocom MA510-GL
        2cb7:0115 at:3 no:2,4,5 Fibocom FM135
        2cb7:01a0 at:2 at2:3 no:4 Fibocom NL668-AM
        2cb7:01a2 at:2 no:3,4,5 Fibocom FM101-GL
        2cb7:01a4 at:3 no:2,4,5,6 Fibocom FM101-GL
        305a:1405 at:1 at2:2 no:0,5 Gosuncn GM800
        33f8:0104 at:1 at2:2 no:0,3 Rolling RW101-GL
        33f8:0115 at:4 no:2,3 Rolling RW135
        33f8:01a2 at:2 no:3,4,5 Rolling RW101-GL
        33f8:01a3 no:2 Rolling RW101-GL
        33f8:01a4 at:3 no:2,5,6 Rolling RW101-GL
        33f8:01a8 at:3 no:2,5,6 Rolling RW101R-GL
        33f8:01a9 at:3 no:2,5,6
        33f8:0301 at:2 Rolling RW101R-GL
        33f8:0302 at:2 Rolling RW101R-GL
        33f8:0802 no:2,3,4,6,7,8,9 Rolling RW350-USB
        33f8:1003 at:4 no:2,3 Rolling RW135R
        3731:0100 at:5 no:3,4 Netprisma LCUK54-WWD
        3731:0101 at:5 no:3,4 Netprisma LCUK54-WRD
        3731:0106 at:5 no:3,4 Netprisma LCUK54-WRD
        3731:010a at:5 no:3,4 Netprisma LCUK54-WRD
        3731:010b at:5 no:3,4 Netprisma LCUK54-WWD
        3731:010c at:5 no:3,4 Netprisma LCUK54-WRD
        3731:010d at:5 no:3,4 Netprisma LCUK54-WWD
        3731:0111 at:5 no:3,4 Netprisma LCUK54-WWD
        3731:0112 at:5 no:3,4 Netprisma LCUK54-WWD
        3731:0113 at:5 no:3,4 Netprisma LCUK54-WWD
        3731:0115 at:5 no:3,4 Netprisma LCUK54-WWD
        3731:0116 at:5 no:3,4 Netprisma LCUK54-WWD
        413c:8147 no:9 Dell 5530 HSDPA
        413c:8183 no:9 Dell F3607gw
        413c:8184 no:9 Dell F3607gw
        413c:818b no:9 Dell F3307
        413c:818c no:9 Dell F3307
        413c:818e no:9 Dell 5560
        413c:81d7 at:2 at2:3 no:4,5 Dell DW5821e
        413c:81d9 no:4 Dell DW5820e
        413c:81e0 at:2 at2:3 no:4,5 Dell DW5821e
        8087:095a at:0 at2:4 no:2 Intel-branded Fibocom L850-GL
        """)
}
