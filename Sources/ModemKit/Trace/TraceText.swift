/// The text form of a trace: what `conductor modems trace` prints, and what the simulator replays.
///
/// A first line that says what the file is and which version of the form it has, then a line for each entry: time,
/// `→` to the modem, `←` from it or `--`, the data with `\r`, `\n`, `\\` and `\x1A` for what cannot be printed, two
/// spaces between. A port beside the one that serves stands behind the arrow.
public enum TraceText {
    /// How every file of this form begins.
    public static let mark = "# conductor trace 1"

    /// The lines above the first entry.
    public static func head(of trace: ModemTrace) -> [String] {
        let whose = trace.modem.map { "modem \($0.rawValue)" } ?? "port \(trace.port)"
        return [
            "\(mark): \(whose); masked: numbers, texts, PINs, IMSI, ICCID",
            "# Replay it: conductor simulate --link DIR --replay FILE",
        ]
    }

    /// One line for an entry; `time` is its time in words.
    public static func line(_ entry: TraceEntry, time: String) -> String {
        let sign =
            switch entry.kind {
            case .sent: "→"
            case .received: "←"
            case .note: "--"
            }
        let port = entry.port.map { " \($0)" } ?? ""
        return "\(time)  \(sign)\(port)  \(escaped(entry.data))"
    }

    /// The line that stands where entries are not kept any more.
    public static func gap(_ count: Int, time: String) -> String {
        "\(time)  --  \(count) \(count == 1 ? "entry is" : "entries are") not kept any more"
    }

    static func escaped(_ data: String) -> String {
        var out = ""
        for scalar in data.unicodeScalars {
            switch scalar {
            case "\r": out += "\\r"
            case "\n": out += "\\n"
            case "\\": out += "\\\\"
            case " "..."~": out.unicodeScalars.append(scalar)
            default:
                for byte in String(scalar).utf8 {
                    let hex = String(byte, radix: 16, uppercase: true)
                    out += "\\x" + (hex.count == 1 ? "0" : "") + hex
                }
            }
        }
        return out
    }
}
