/// One value of a row to import.
public enum ImportValue: Sendable, Hashable {
    /// The file says nothing: what is known stays as it is.
    case absent
    case text(String)
    case count(Int64)
    /// Millionths of the shop's currency.
    case money(micros: Int64)
    /// `YYYY-MM-DD`
    case day(String)
    case flag(Bool)
}
