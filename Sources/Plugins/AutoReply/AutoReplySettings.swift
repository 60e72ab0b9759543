internal import Foundation
internal import PluginKit

/// `settings:` of the plugin `auto-reply`.
struct AutoReplySettings: Decodable, Sendable {
    /// IANA name; the machine's zone where it is absent.
    let zone: TimeZone
    /// In order; the default reply, if any, is the last. That there is one is for the reader to check: by then a misspelt
    /// key has been named.
    let rules: [Rule]

    private enum CodingKeys: String, CodingKey {
        case timeZone = "time_zone"
        case rules
        case `default`
    }

    private enum RuleKeys: String, CodingKey {
        case name, keyword, regex, hours, reply, closed
        case everyMinutes = "every_minutes"
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        if let name = try values.decodeIfPresent(String.self, forKey: .timeZone) {
            guard let zone = TimeZone(identifier: name) else {
                throw Self.wrong([CodingKeys.timeZone], "must be an IANA time zone as America/Los_Angeles")
            }
            self.zone = zone
        } else {
            zone = .current
        }
        var rules: [Rule] = []
        if values.contains(.rules) {
            var list = try values.nestedUnkeyedContainer(forKey: .rules)
            while !list.isAtEnd {
                let keys = try list.nestedContainer(keyedBy: RuleKeys.self)
                rules.append(try Self.rule(keys, number: rules.count + 1))
            }
        }
        if let text = try? values.decodeIfPresent(String.self, forKey: .default) {
            rules.append(
                Rule(
                    title: "the default reply", trigger: .always, hours: nil,
                    reply: try Self.template(text, at: [CodingKeys.default]), closed: nil,
                    everyMilliseconds: Self.defaultPause))
        } else if values.contains(.default) {
            let keys = try values.nestedContainer(keyedBy: RuleKeys.self, forKey: .default)
            rules.append(try Self.rule(keys, number: nil))
        }
        self.rules = rules
    }

    /// A person who writes on and on gets the default reply once in ten minutes.
    private static let defaultPause: Int64 = 600_000

    /// - Parameter number: from 1; nil for the default reply.
    private static func rule(_ keys: KeyedDecodingContainer<RuleKeys>, number: Int?) throws -> Rule {
        let path = keys.codingPath
        let title: String
        let trigger: Rule.Trigger
        if let number {
            let name = try keys.decodeIfPresent(String.self, forKey: .name)
            title = name.map { "rule \"\($0)\"" } ?? "rule \(number)"
            trigger = try self.trigger(keys, title: title)
        } else {
            title = "the default reply"
            trigger = .always
        }
        let minutes = try keys.decodeIfPresent(Double.self, forKey: .everyMinutes)
        guard (0...525_600).contains(minutes ?? 0) else {
            throw wrong(path + [RuleKeys.everyMinutes], "must be within 0 and 525600")
        }
        let hours = try keys.decodeIfPresent(OpeningHours.self, forKey: .hours)
        let closed = try keys.decodeIfPresent(String.self, forKey: .closed)
        if closed != nil, hours == nil {
            throw wrong(path + [RuleKeys.closed], "is what to say outside of hours, so \(title) needs hours too")
        }
        return Rule(
            title: title, trigger: trigger, hours: hours,
            reply: try template(try keys.decode(String.self, forKey: .reply), at: path + [RuleKeys.reply]),
            closed: try closed.map { try template($0, at: path + [RuleKeys.closed]) },
            everyMilliseconds: minutes.map { Int64($0 * 60_000) } ?? (number == nil ? defaultPause : 0))
    }

    private static func trigger(_ keys: KeyedDecodingContainer<RuleKeys>, title: String) throws -> Rule.Trigger {
        let path = keys.codingPath
        switch (keys.contains(.keyword), keys.contains(.regex)) {
        case (true, false):
            let one = try? keys.decode(String.self, forKey: .keyword)
            let phrases = try (one.map { [$0] } ?? keys.decode([String].self, forKey: .keyword)).map(Words.of)
            guard !phrases.isEmpty, phrases.allSatisfy({ !$0.isEmpty }) else {
                throw wrong(path + [RuleKeys.keyword], "\(title) has a keyword without a letter")
            }
            return .keywords(phrases)
        case (false, true):
            do {
                return .pattern(try Pattern(try keys.decode(String.self, forKey: .regex)))
            } catch let error as PluginError {
                throw error
            } catch {
                throw wrong(path + [RuleKeys.regex], "\(title) has a regular expression that cannot be read: \(error)")
            }
        default:
            throw wrong(path, "\(title) needs either keyword or regex")
        }
    }

    private static func template(_ text: String, at path: [any CodingKey]) throws -> Template {
        do {
            return try Template(text)
        } catch {
            throw wrong(path, error.message)
        }
    }

    private static func wrong(_ path: [any CodingKey], _ message: String) -> DecodingError {
        .dataCorrupted(.init(codingPath: path, debugDescription: message))
    }
}
