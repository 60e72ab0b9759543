/// What is known of USB products: which of their ports speak AT, and which products are no modem yet.
struct USBTable: Sendable {
    /// One product.
    struct Product: Sendable, Hashable {
        /// `vvvv:pppp` in hex.
        var id: String
        /// Which models it is; empty where that is not known.
        var name: String
        /// By interface number. One that is not named is asked.
        var roles: [Int: PortRole]
    }

    private(set) var products: [String: Product] = [:]

    /// Lines of the form `2c7c:0125 at:2 at2:3 ppp:4 no:0,1 EC25`, interface numbers in hex; what cannot be read is a
    /// mistake in our own source.
    init(_ lines: String) {
        for line in lines.split(separator: "\n") {
            let product = Self.product(line)
            precondition(products[product.id] == nil, "\(product.id) stands twice in a table of USB products")
            products[product.id] = product
        }
    }

    private static func product(_ line: Substring) -> Product {
        let words = line.split(separator: " ")
        var product = Product(id: String(words[0]), name: "", roles: [:])
        var name: [Substring] = []
        for word in words.dropFirst() {
            let parts = word.split(separator: ":")
            guard parts.count == 2, name.isEmpty, let role = Self.roles[String(parts[0])] else {
                name.append(word)
                continue
            }
            for number in parts[1].split(separator: ",") {
                guard let interface = Int(number, radix: 16) else {
                    preconditionFailure("\(line): \(number) is no interface number")
                }
                product.roles[interface] = role
            }
        }
        product.name = name.joined(separator: " ")
        return product
    }

    private static let roles: [String: PortRole] = [
        "at": .primary, "at2": .secondary, "ppp": .dialling, "no": .other,
    ]
}
