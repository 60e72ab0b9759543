/// What differs from one maker's modems to another's: only that, as data. What is true of all stands in `Modem`.
///
/// A family is a folder beside this file. To add one: declare it there, name it in `all`, and give it a bring-up in
/// FamilyTests.
struct ModemFamily: Sendable {
    /// The maker, as people know it.
    var name: String
    /// Pieces of the answer to AT+CGMI, in lower case.
    var makers: [String] = []
    /// Beginnings of the answer to AT+CGMM, in lower case, where the maker's name is that of the chip.
    var models: [String] = []
    /// Its USB products.
    var usb = USBTable("")
    /// USB products that still show as a disc with drivers, as `vvvv:pppp`.
    var discs: Set<String> = []
    /// USB products that show as a network card only.
    var networkCards: Set<String> = []

    /// Commands after each start of the modem; it may refuse them.
    var preparation: [String] = []
    /// Lines that say: the modem's software has started, and every setting is lost.
    var startMarks: [String] = []
    /// Lines that say: texts can be read and sent from now on.
    var readyMarks: [String] = []
    /// How lines begin that nobody asked for and that are of no use, where the common rules do not know them.
    var noise: [String] = []
    /// Memories that are announced for a report and do not hold it, with the one that does.
    var reportMemories: [String: String] = [:]
    /// How the text of a USSD code is written in AT+CUSD.
    var ussd = USSDForm.text
    /// Starts the modem's software anew, the kindest first.
    var restarts = ["AT+CFUN=1,1"]
    /// How long a start takes at most until AT is answered again.
    var bootTime: Duration = .seconds(30)

    /// How a text stands in AT+CUSD.
    enum USSDForm: Sendable, Hashable {
        /// As it is, in the character set of AT+CSCS.
        case text
        /// Septets packed into octets, as hex, in both directions, whatever AT+CSCS says.
        case packedHex
    }
}

extension ModemFamily {
    /// Every family; the first that fits is taken.
    static let all: [ModemFamily] = [huawei, zte, quectel, simcom, sierra, uBlox, telit, cinterion, wavecom, generic]

    /// The family of a modem that has told its maker and model, or shows a USB product that we know.
    static func of(maker: String?, model: String?, usb: String?) -> ModemFamily {
        let maker = maker?.lowercased() ?? ""
        let model = model?.lowercased() ?? ""
        // The model first: the maker of the chip stands in the place of the modem's on many.
        return all.first { $0.models.contains { !$0.isEmpty && model.hasPrefix($0) } }
            ?? all.first { $0.makers.contains { maker.contains($0) } }
            ?? all.first { family in usb.map { family.usb.products[$0] != nil } ?? false } ?? generic
    }

    /// What is known of a USB product.
    static func product(_ id: String) -> USBTable.Product? {
        for family in all {
            if let product = family.usb.products[id] { return product }
        }
        return nil
    }
}
