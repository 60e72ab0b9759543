public import PluginKit

extension InboundText {
    /// A text from nobody, for tests; `number` makes its uid.
    public static func example(
        _ content: String, from phone: String = "+15005550100", number: Int = 1
    ) -> InboundText {
        Samples.text(content, number, phone: phone)
    }
}
