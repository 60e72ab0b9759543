/// What is dialled for help, in every country and in each.
enum EmergencyNumbers {
    /// Whether these digits, as dialled at home, reach an emergency service.
    static func has(_ digits: String, in country: String) -> Bool {
        guard digits.utf8.count <= 6, !digits.hasPrefix("0"), let number = Int(digits) else { return false }
        // 3GPP TS 22.101: phones know these anywhere.
        return everywhere.contains(number) || numbers[country]?.contains(number) == true
    }

    private static let everywhere: Set<Int> = [112, 911, 999]

    private static let numbers: [String: Set<Int>] = table.split(whereSeparator: { $0 == ";" || $0 == "\n" })
        .reduce(into: [:]) { numbers, row in
            let words = row.split(separator: " ")
            let codes = Set(words.dropFirst().flatMap(Self.codes))
            for country in words[0].split(separator: ",") { numbers[String(country)] = codes }
        }

    /// `110`, or `1300-1399`.
    private static func codes(_ word: Substring) -> [Int] {
        let ends = word.split(separator: "-").compactMap { Int($0) }
        guard let low = ends.first, let high = ends.last, low <= high else { return [] }
        return Array(low...high)
    }

    /// Countries, and what they have besides. None begins with 0: nothing that does is taken for a short code.
    /// Tests/Differential holds it against another list.
    private static let table = """
        AD 110 116 118; AE,PL 997 998; AF 100 102 119; AL 127 128 129; AM,AZ,BY,KG,KZ,LT,RU,TJ,UA 101 102 103
        AO 113 115; AR 100 101 107; AT 122 133 144; AU 106; AW 100; BA,ME 122 123 124; BB 211 311 511
        BD 100 101 102 199; BE 100 101; BG 150 160 166; BH,CY,HN,MM,NG 199; BI,CM 113 117; BJ 114 116 117 118
        BN 991 993 995; BO 110 118 119; BR 128 190 192 193; BS,SX 919; BT,LV,NO,SJ,SY 110 113; BW 111 997 998
        BZ,TT 990; CD 113 114 118 177 188; CF 117 118 1220; CG,MG 117 118; CH,LI 117 118 144; CI 110 111 170 180
        CK 996 998; CL 131 132 133; CN 110 119 120; CO 119 123 132 156; CU 104 105 106; CV 130 131 132
        CZ 150 151 152 153 154 155 156 157 158 159; DE,EE 110; DK,FO,FR,KE 114; DM,KN 333; EC 101 102
        EG 122 123 180; EH,MA 177; ER 113 114 116 124422 127799 201606 201917 202099 202914; ET 939 991 997
        FJ 917; FM 320221; GA 1300-1399 1730; GE 111 113 122; GH 191 192 193; GI 190 199; GM 116 117 118
        GR 100 166 199; GT 110 120 123; GW 113 117 118; GY 912 913; HK 992; HR,MK,XK 192 193 194; HT 114 118
        HU 104 105 107; ID 110 113 118 119; IL,PS 100 101 102; IN 100 101 102 108 1298 2611; IQ 100 104 115 122
        IR 110 115 125; IT,SM,VA 113 115 118; JM,JP,TW 110 119; JO 191 192 197; KH 117 118 119 666
        KI 192 193 194 195 992 993 994; KP 119 819; KR 119; LA 190 191 195; LB 140 175; LK 110 116 118 119
        LR 355; LS 115 117; LU,SI 113; LY 190 191 193; MD 901 902 903; MN 100 101 102 103 105; MU 114 115 995
        MV 102 118 119; MW 199 997 998; MZ 117 119 197 198; NA 10111; NE 118 723141; NF 955 977
        NI 115 118 120 128; NP 100 101 102 103; NR,PG 110 111; NZ,RW 111; OM 1444 9999; PE 105 116 117; PH 117
        PK 115 1122; PT,SR,TL 115; PY,UY 128; SA 997; SE 90000; SG 993 995; SK 150 155 158; SO 555 888; SV 913
        TG 117 118 171 172 177; TH 191 199 1669; TN 190 197 198; TO 922 933; TR 110 155; TZ 110 111 114 115
        VE 171; VN 113 114 115; WS 994 995 996; YE 191 194 195 199; ZA 10111 10177; ZM 991 993; ZW 993 994 995
        """
}
