extension ConfigurationNode {
    /// An empty value.
    public static func nothing(in file: String) -> ConfigurationNode {
        ConfigurationNode(file: file, line: 1, column: 1, path: "", content: .scalar("", plain: true))
    }

    /// A text that the program puts in the place of this value.
    public func text(_ text: String) -> ConfigurationNode { made(.scalar(text, plain: false)) }

    /// A list that the program puts in the place of this value.
    public func list(of elements: [ConfigurationNode]) -> ConfigurationNode { made(.list(elements)) }

    /// A mapping that the program puts in the place of this value; each key stands where its value does.
    public func mapping(of entries: [(key: String, value: ConfigurationNode)]) -> ConfigurationNode {
        made(
            .mapping(
                entries.map { Entry(key: $0.key, line: $0.value.line, column: $0.value.column, value: $0.value) }))
    }

    private func made(_ content: Content) -> ConfigurationNode {
        ConfigurationNode(file: file, line: line, column: column, path: path, content: content)
    }
}
