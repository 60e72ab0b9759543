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

    /// The `at` of a line of ours; nil for other programs' lines.
    static func time(of line: ArraySlice<UInt8>) -> String? {
        let start = Array(#"{"at":""#.utf8)
        guard line.starts(with: start) else { return nil }
        let rest = line.dropFirst(start.count)
        guard let end = rest.firstIndex(of: UInt8(ascii: "\"")), rest.distance(from: rest.startIndex, to: end) == 24
        else {
            return nil
        }
        return String(decoding: rest[..<end], as: UTF8.self)
    }
}
