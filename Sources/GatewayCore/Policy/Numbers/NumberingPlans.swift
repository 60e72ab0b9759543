/// How numbers are written in each country: facts of the ITU's E.164 and E.129 listings, as small as they can be kept.
///
/// Only lengths: which blocks of numbers are in use changes every month, and a list of them would refuse new customers.
enum NumberingPlans {
    /// How a country writes its numbers at home.
    struct Plan: Sendable {
        /// Calling code.
        var code: String
        /// What is dialled before a national number; empty where nothing is.
        var trunk: String
        /// Lengths of the national numbers that texts go to.
        var mobile: Lengths
        /// What is dialled before a calling code, besides `+` and `00`.
        var exit: String?
    }

    /// A set of lengths, 0 to 15.
    struct Lengths: OptionSet, Sendable {
        let rawValue: UInt16

        /// Reads `8`, `8-10` or `8,10-11`.
        init(reading text: Substring) {
            rawValue = text.split(separator: ",").reduce(0) { bits, range in
                let ends = range.split(separator: "-").compactMap { Int($0) }
                guard let low = ends.first, let high = ends.last, low <= high, high <= 15 else { return bits }
                return (low...high).reduce(bits) { $0 | 1 << UInt16($1) }
            }
        }

        init(rawValue: UInt16) { self.rawValue = rawValue }

        func has(_ length: Int) -> Bool {
            (0...15).contains(length) && rawValue & 1 << UInt16(length) != 0
        }
    }

    /// The plan of a country, by its ISO 3166 code; nil for one that has no telephones of its own.
    static func plan(of country: String) -> Plan? { plans[country] }

    /// The calling code that international digits begin with, and the lengths that national numbers have behind it.
    static func code(of digits: String) -> (code: Substring, lengths: Lengths)? {
        // E.164: no calling code is the beginning of another.
        for count in 1...3 {
            let code = digits.prefix(count)
            if let lengths = codes[String(code)] { return (code, lengths) }
        }
        return nil
    }

    private static let codes: [String: Lengths] = rows(codeTable).reduce(into: [:]) { codes, row in
        for code in row.dropFirst() { codes[String(code)] = Lengths(reading: row[0]) }
    }

    private static let plans: [String: Plan] = rows(countryTable).reduce(into: [:]) { plans, row in
        for country in row.dropFirst(2) {
            let code = String(country.dropFirst(2))
            plans[String(country.prefix(2))] = Plan(
                code: code, trunk: row[0] == "-" ? "" : String(row[0]), mobile: Lengths(reading: row[1]),
                exit: exits[code])
        }
    }

    private static let exits = [
        "1": "011", "7": "810", "61": "0011", "81": "010", "254": "000", "375": "810", "993": "810",
    ]

    private static func rows(_ table: String) -> [[Substring]] {
        table.split(separator: "\n").map { $0.split(separator: " ") }
    }

    /// Lengths of national numbers, then the calling codes that have them.
    private static let codeTable = """
        4-5 290
        4,7 683
        4-7 690
        4-7,10 98
        4-11 352
        4-12 598
        4-13 43 49
        5 500 682
        5-6 247
        5-6,8-13 82
        5,7 676 677 678
        5-7 688
        5-7,10 685
        5,8 47 686
        5-8 386
        5-9,11 852
        5-10 27 64
        5-10,12 61
        5-11 31
        5-12 358 971
        6 298 299 672 687
        6-7 597
        6-7,9 421
        6,8-9 376 689
        6-8,10 53
        6,8-13 63
        6,9 40 508 681
        6-9 252 355
        6-9,12 359
        6-10 48 95 880
        6-10,12 46
        6-11 375 595
        6-12 39 381
        7 238 239 246 248 269 291 297 592 673 674 680 691 692
        7-8 241 599 670 675 853 961 965 975
        7-8,10 230 267 372
        7-8,10-11 507
        7-8,11 503
        7,9 220 245 265 354 423
        7-9 231 385 967 968
        7,9-10 44 263
        7-9,11 974
        7,10 960
        7-10 84 243 254 353
        7,10,12-13 90
        7,11 501 679
        7-11 886
        7-12 86 882 972
        7-13 62
        8 45 216 222 223 226 227 228 232 235 236 253 257 266 350 356 357 370 371 373 374 389 505 509 800 808 973 993
        8-9 32 36 51 213 224 233 237 250 258 264 268 377 382 387 591 962 963
        8-10 20 60 855 856 964 970 976
        8,10 378 506 850
        8,10-11 57 65 977
        8-10,13 66
        8-11 55 593
        8,11 502 504
        8-12 92 383 883
        8-13 81 91
        9 33 34 93 94 211 212 218 221 240 242 244 249 251 255 256 260 261 262 351 590 594 596 979 992 994 995 998
        9-10 380 881 966 996
        9-11 56
        9,12 41 870
        9-12 420
        10 1 52 58 225 229
        10-11 54
        10-12 30 234
        10,14 7
        11 888
        12 878
        """

    /// What is dialled before a national number, the lengths of those that take texts, then the countries, each with its
    /// calling code.
    private static let countryTable = """
        - 4 TA290
        - 4,7 NU683
        - 4-7 TK690
        - 5 AC247 CK682 FK500 SH290
        - 5,7 SB677
        - 6 AD376 FO298 GL299 NC687 NF672 WF681
        - 6-7 TV688
        - 7 AW297 BN673 BQ599 BZ501 CV238 FJ679 FM691 GY592 IO246 KM269 MV960 NR674 PW680 SC248 SR597 ST239 TO676 VU678
        - 7-8 CW599 EE372 GA241 PA507
        - 7,9 GM220 IS354
        - 7,10 WS685
        - 8 BF226 BH973 BI257 BT975 BW267 CF236 CR506 CY357 DJ253 DK45 GI350 GT502 HK852 HN504 HT509 KW965 LS266 LV371
        - 8 ML223 MO853 MR222 MT356 MU230 NE227 NI505 NO47 OM968 PF689 PG675 QA974 SG65 SJ47 SM378 SV503 SZ268 TD235
        - 8 TG228 TL670 TN216
        - 9 AO244 CG242 CL56 CM237 CZ420 ES34 GN224 GQ240 GW245 LU352 MZ258 PL48 PT351 SN221 TJ992 UZ998
        - 9-10 IT39 VA39
        - 10 BJ229 CI225 GR30 MX52
        0 5-9 ZA27
        0 6,9 PM508
        0 6-10 AX358 FI358
        0 7 ER291
        0 7-8 LB961
        0 7,9 CD243 LI423 LR231
        0 7-9 SO252
        0 7-10 MM95
        0 7-13 AT43
        0 8 AM374 BO591 CU53 KI686 LT370 MD373 ME382 MK389 MN976 SI386 SL232 UY598 XK383
        0 8-9 BA387 BG359 HR385 KH855 MC377
        0 8-10 NZ64 RS381
        0 9 AE971 AF93 AL355 AU61 AZ994 BE32 BL590 CC61 CH41 CX61 DZ213 EC593 EH212 ET251 FR33 GE995 GF594 GH233 GP590
        0 9 NL31 IE353 IL972 JO962 KE254 KG996 LK94 LY218 MA212 MF590 MG261 MQ596 MW265 NA264 PE51 PS970 PY595 RE262 RO40
        0 9 RW250 SA966 SD249 SE46 SK421 SS211 SY963 TH66 TW886 TZ255 UA380 UG256 VN84 YE967 YT262 ZM260 ZW263
        0 9-10 KR82 LA856 MY60
        0 9-12 ID62
        0 10 BD880 CO57 EG20 GB44 GG44 IM44 IN91 IQ964 IR98 JE44 JP81 KP850 NG234 NP977 PH63 PK92 TR90 VE58
        0 10-11 AR54 BR55 DE49
        0 11 CN86
        06 9 HU36
        1 7 MH692
        1 10 AG1 AI1 AS1 BB1 BM1 BS1 CA1 DM1 DO1 GD1 GU1 JM1 KN1 KY1 LC1 MP1 MS1 PR1 SX1 TC1 TT1 US1 VC1 VG1 VI1
        8 8 TM993
        80 9 BY375
        8 10 KZ7 RU7
        """
}
