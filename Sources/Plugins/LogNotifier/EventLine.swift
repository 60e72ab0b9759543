internal import PluginKit

/// One event as one line.
enum EventLine {
    /// `{"at":…,"data":{…},"id":…,"kind":…}`; the members of `data` as the gateway wrote them.
    static func of(_ event: Event, mask: Bool) -> String {
        var line = Array(#"{"at":"#.utf8)
        MaskedJSON.append(event.at.description, to: &line)
        let start = line.count
        line += #","data":"#.utf8
        if !MaskedJSON.copy(event.json, mask: mask, to: &line) {
            line.removeSubrange(start...)
            line += #","problem":"the event's data is not JSON""#.utf8
        }
        line += #","id":"#.utf8
        MaskedJSON.append(event.id, to: &line)
        line += #","kind":"#.utf8
        MaskedJSON.append(event.kind, to: &line)
        line.append(UInt8(ascii: "}"))
        return String(decoding: line, as: UTF8.self)
    }
}
