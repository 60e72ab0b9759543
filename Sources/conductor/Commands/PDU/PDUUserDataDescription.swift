import SMSCodec

/// What user data say, as members of a JSON object.
enum PDUUserDataDescription {
    static func add(_ userData: UserData, coding: UInt8, to object: inout PDUJSONObject) {
        let scheme = DataCoding(rawValue: coding)
        object.add("udl", userData.lengthField)
        if let messageClass = scheme.messageClass { object.add("class", messageClass) }
        if let waiting = scheme.messageWaiting {
            var member = PDUJSONObject()
            member.add("active", waiting.isActive)
            member.add("type", name(of: waiting.kind))
            member.add("store", waiting.isStored)
            object.add("mwi", member)
        }
        if userData.header != nil { addHeader(of: userData, to: &object) }
        switch userData.encoding {
        case .gsm7:
            object.add("alphabet", "gsm7")
            object.add("septets", userData.unitCount)
            object.add("text", userData.text)
            if GSM7.hasUnassignedEscape(in: userData.content) { object.add("text_notes", ["esc_unassigned"]) }
        case .ucs2:
            object.add("alphabet", "ucs2")
            object.add("text", userData.text)
        case .octets:
            object.add("alphabet", "8bit")
            object.add("data_hex", Hex.encode(userData.content))
        }
    }

    private static func addHeader(of userData: UserData, to object: inout PDUJSONObject) {
        object.add(
            "udh",
            userData.elements.map { element in
                var member = PDUJSONObject()
                member.add("iei", element.identifier)
                member.add("data_hex", Hex.encode(element.data))
                return member
            })
        if let place = userData.concatenation {
            var member = PDUJSONObject()
            member.add("ref", place.reference)
            member.add("total", place.total)
            member.add("seq", place.sequence)
            member.add("ref_bits", place.isWide ? 16 : 8)
            object.add("concat", member)
        }
        if let ports = userData.ports {
            var member = PDUJSONObject()
            member.add("dst", ports.destination)
            member.add("src", ports.source)
            member.add("bits", ports.isWide ? 16 : 8)
            object.add("ports", member)
        }
        let waiting = userData.messagesWaiting
        guard !waiting.isEmpty else { return }
        object.add(
            "mwi_ie",
            waiting.map { item in
                var member = PDUJSONObject()
                member.add("store", item.isStored)
                member.add("type", name(of: item.kind))
                member.add("count", item.count)
                return member
            })
    }

    private static func name(of kind: MessageWaiting.Kind) -> String {
        switch kind {
        case .voicemail: "voicemail"
        case .fax: "fax"
        case .email: "email"
        case .other: "other"
        }
    }
}
