import SMSCodec

/// What user data say, as members of a JSON object.
enum PDUUserDataDescription {
    static func add(_ userData: UserData, coding: UInt8, to writer: inout PDUJSONWriter) {
        let scheme = DataCoding(rawValue: coding)
        writer.add("udl", userData.lengthField)
        if let messageClass = scheme.messageClass { writer.add("class", messageClass) }
        if let waiting = scheme.messageWaiting {
            writer.add(
                "mwi",
                object: { member in
                    member.add("active", waiting.isActive)
                    member.add("type", plain: name(of: waiting.kind))
                    member.add("store", waiting.isStored)
                })
        }
        addHeader(of: userData, to: &writer)
        switch userData.encoding {
        case .gsm7:
            writer.add("alphabet", plain: "gsm7")
            writer.add("septets", userData.unitCount)
            writer.add("text", userData.text)
            if GSM7.hasUnassignedEscape(in: userData.content, shift: userData.shift) {
                writer.add("text_notes", list: { $0.item("esc_unassigned") })
            }
        case .ucs2:
            writer.add("alphabet", plain: "ucs2")
            writer.add("text", userData.text)
        case .octets:
            writer.add("alphabet", plain: "8bit")
            writer.add("data_hex", hex: userData.content)
        }
    }

    /// Adds the header, where there is one.
    static func addHeader(of userData: UserData, to writer: inout PDUJSONWriter) {
        guard userData.header != nil else { return }
        writer.add(
            "udh",
            list: { list in
                for element in userData.elements {
                    list.item { member in
                        member.add("iei", element.identifier)
                        member.add("data_hex", hex: element.data)
                    }
                }
            })
        if let place = userData.concatenation {
            writer.add(
                "concat",
                object: { member in
                    member.add("ref", place.reference)
                    member.add("total", place.total)
                    member.add("seq", place.sequence)
                    member.add("ref_bits", place.isWide ? 16 : 8)
                })
        }
        if let ports = userData.ports {
            writer.add(
                "ports",
                object: { member in
                    member.add("dst", ports.destination)
                    member.add("src", ports.source)
                    member.add("bits", ports.isWide ? 16 : 8)
                })
        }
        let waiting = userData.messagesWaiting
        guard !waiting.isEmpty else { return }
        writer.add(
            "mwi_ie",
            list: { list in
                for item in waiting {
                    list.item { member in
                        member.add("store", item.isStored)
                        member.add("type", plain: name(of: item.kind))
                        member.add("count", item.count)
                    }
                }
            })
    }

    private static func name(of kind: MessageWaiting.Kind) -> StaticString {
        switch kind {
        case .voicemail: "voicemail"
        case .fax: "fax"
        case .email: "email"
        case .other: "other"
        }
    }
}
