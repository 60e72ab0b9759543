struct SettingsKeyedContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: SettingsDecoder
    let members: [(String, JSON)]
    var codingPath: [any CodingKey] { decoder.codingPath }
    var allKeys: [Key] { members.compactMap { Key(stringValue: $0.0) } }

    private func find(_ key: any CodingKey) -> JSON? {
        decoder.usage.asked(key.stringValue, in: decoder.path)
        return members.last { $0.0 == key.stringValue }?.1
    }

    private func need(_ key: any CodingKey) throws -> SettingsDecoder {
        guard let value = find(key) else {
            throw decoder.wrong("the key \"\(key.stringValue)\" is missing" + nearMiss(key))
        }
        return decoder.child(value, key: key)
    }

    private func nearMiss(_ key: any CodingKey) -> String {
        NearestName.to(key.stringValue, among: members.map(\.0)).map { " (is \"\($0)\" meant for it?)" } ?? ""
    }

    func contains(_ key: Key) -> Bool { find(key) != nil }

    func decodeNil(forKey key: Key) throws -> Bool {
        if case .null = try need(key).value { return true }
        return false
    }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try need(key).bool() }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try need(key).string() }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try need(key).double() }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try need(key).read(type) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try need(key).integer(type) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try need(key).integer(type) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try need(key).integer(type) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try need(key).integer(type) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try need(key).integer(type) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try need(key).integer(type) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try need(key).integer(type) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try need(key).integer(type) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try need(key).integer(type) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try need(key).integer(type) }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try need(key).read(type) }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> { try need(key).container(keyedBy: type) }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try need(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { decoder }
    func superDecoder(forKey key: Key) throws -> any Decoder { try need(key) }
}

struct SettingsListContainer: UnkeyedDecodingContainer {
    let decoder: SettingsDecoder
    let elements: [JSON]
    var currentIndex = 0
    var codingPath: [any CodingKey] { decoder.codingPath }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    init(decoder: SettingsDecoder, elements: [JSON]) {
        self.decoder = decoder
        self.elements = elements
    }

    private func current() throws -> SettingsDecoder {
        guard !isAtEnd else { throw decoder.wrong("the list is too short") }
        return decoder.child(elements[currentIndex], key: ListIndex(currentIndex))
    }

    private mutating func step<T>(_ body: (SettingsDecoder) throws -> T) throws -> T {
        let value = try body(current())
        currentIndex += 1
        return value
    }

    mutating func decodeNil() throws -> Bool {
        guard case .null = try current().value else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try step { try $0.read(type) } }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) throws -> KeyedDecodingContainer<NestedKey> { try step { try $0.container(keyedBy: type) } }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try step { try $0.unkeyedContainer() }
    }

    mutating func superDecoder() throws -> any Decoder { try step { $0 } }
}

struct SettingsValueContainer: SingleValueDecodingContainer {
    let decoder: SettingsDecoder
    var codingPath: [any CodingKey] { decoder.codingPath }

    func decodeNil() -> Bool {
        if case .null = decoder.value { return true }
        return false
    }

    func decode(_ type: Bool.Type) throws -> Bool { try decoder.bool() }
    func decode(_ type: String.Type) throws -> String { try decoder.string() }
    func decode(_ type: Double.Type) throws -> Double { try decoder.double() }
    func decode(_ type: Float.Type) throws -> Float { Float(try decoder.double()) }
    func decode(_ type: Int.Type) throws -> Int { try decoder.integer(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try decoder.integer(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try decoder.integer(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try decoder.integer(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try decoder.integer(type) }
    func decode(_ type: UInt.Type) throws -> UInt { try decoder.integer(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try decoder.integer(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try decoder.integer(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try decoder.integer(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try decoder.integer(type) }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try decoder.read(type) }
}
