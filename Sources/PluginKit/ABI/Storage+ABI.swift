package import CPluginABI

private enum QueryFlag {
    static let cursor: UInt32 = 1 << 0
    static let oldestFirst: UInt32 = 1 << 1
}

extension MessageQuery: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_message_query {
        conductor_message_query(
            struct_size: UInt32(sizeOf: conductor_message_query.self),
            flags: (cursor == nil ? 0 : QueryFlag.cursor) | (oldestFirst ? QueryFlag.oldestFirst : 0),
            uid: arena.slice(uid), phone: arena.slice(phone), direction: direction?.number ?? 0,
            status: status?.number ?? 0, delivery_status: deliveryStatus?.number ?? 0, limit: limit,
            cursor: cursor ?? 0,
            search: arena.slice(search))
    }

    package init(_ form: conductor_message_query) throws(PluginError) {
        self.init(
            uid: String(present: form.uid),
            direction: form.direction == 0 ? nil : try Message.Direction(number: form.direction),
            status: form.status == 0 ? nil : try Message.Status(number: form.status),
            deliveryStatus: try Message.DeliveryStatus.from(number: form.delivery_status),
            phone: String(present: form.phone), cursor: form.flags.has(QueryFlag.cursor) ? form.cursor : nil,
            oldestFirst: form.flags.has(QueryFlag.oldestFirst), limit: form.limit, search: String(present: form.search))
    }
}

/// The messages of a page, as they cross.
package struct MessagesReply: ABIValue {
    package var messages: [Message]

    package init(messages: [Message]) { self.messages = messages }

    package func cForm(in arena: inout Arena) -> conductor_messages_reply {
        conductor_messages_reply(
            struct_size: UInt32(sizeOf: conductor_messages_reply.self), flags: 0, messages: arena.array(messages))
    }

    package init(_ form: conductor_messages_reply) throws(PluginError) {
        messages = try [Message](form.messages)
    }
}

extension MessageChange: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_message_change {
        conductor_message_change(
            struct_size: UInt32(sizeOf: conductor_message_change.self), kind: kind.rawValue, storage_id: storageID)
    }

    package init(_ form: conductor_message_change) throws(PluginError) {
        guard let kind = Kind(rawValue: form.kind) else {
            throw PluginError(.unsupported, "change \(form.kind) is not known to this version")
        }
        self.init(storageID: form.storage_id, kind: kind)
    }
}

/// Whether a change was made, as it crosses.
package struct ChangeReply: ABIValue {
    package var changed: Bool

    package init(changed: Bool) { self.changed = changed }

    package func cForm(in arena: inout Arena) -> conductor_change_reply {
        conductor_change_reply(struct_size: UInt32(sizeOf: conductor_change_reply.self), changed: changed ? 1 : 0)
    }

    package init(_ form: conductor_change_reply) throws(PluginError) {
        changed = form.changed != 0
    }
}

extension ConsentEvent: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_consent_event {
        conductor_consent_event(
            struct_size: UInt32(sizeOf: conductor_consent_event.self),
            action: UInt32(action == .out ? CONDUCTOR_CONSENT_OUT : CONDUCTOR_CONSENT_IN), uid: arena.slice(uid),
            phone: arena.slice(phone), at_ms: at.milliseconds, source: arena.slice(source),
            message_uid: arena.slice(messageUID))
    }

    package init(_ form: conductor_consent_event) throws(PluginError) {
        let action: Action
        switch Int32(bitPattern: form.action) {
        case CONDUCTOR_CONSENT_OUT: action = .out
        case CONDUCTOR_CONSENT_IN: action = .in
        default: throw unknownNumber("consent action", form.action)
        }
        self.init(
            uid: String(form.uid), phone: String(form.phone), action: action, at: Timestamp(milliseconds: form.at_ms),
            source: String(form.source), messageUID: String(present: form.message_uid))
    }
}

extension ConsentQuery: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_consent_query {
        conductor_consent_query(
            struct_size: UInt32(sizeOf: conductor_consent_query.self), limit: limit, after: after)
    }

    package init(_ form: conductor_consent_query) throws(PluginError) {
        self.init(after: form.after, limit: form.limit)
    }
}

extension ConsentPage: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_consent_reply {
        conductor_consent_reply(
            struct_size: UInt32(sizeOf: conductor_consent_reply.self), flags: 0, events: arena.array(events),
            next: next)
    }

    package init(_ form: conductor_consent_reply) throws(PluginError) {
        self.init(events: try [ConsentEvent](form.events), next: form.next)
    }
}

extension StorageHealth: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_storage_health {
        conductor_storage_health(
            struct_size: UInt32(sizeOf: conductor_storage_health.self), flags: 0, location: arena.slice(location),
            rows: rows, bytes: bytes, database_file: arena.slice(databaseFile), identity: arena.slice(identity),
            quota_bytes: quotaBytes ?? 0)
    }

    package init(_ form: conductor_storage_health) throws(PluginError) {
        self.init(
            location: String(form.location), rows: form.rows, bytes: form.bytes,
            databaseFile: String(present: form.database_file), identity: String(present: form.identity),
            quotaBytes: form.quota_bytes > 0 ? form.quota_bytes : nil)
    }
}

extension StorageTable: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_storage_table {
        conductor_storage_table(
            struct_size: UInt32(sizeOf: conductor_storage_table.self), flags: 0, name: arena.slice(name), rows: rows,
            bytes: bytes ?? -1)
    }

    package init(_ form: conductor_storage_table) throws(PluginError) {
        self.init(name: String(form.name), rows: form.rows, bytes: form.bytes < 0 ? nil : form.bytes)
    }
}

/// What the tables take, as it crosses.
package struct SizesReply: ABIValue {
    package var tables: [StorageTable]

    package init(tables: [StorageTable]) { self.tables = tables }

    package func cForm(in arena: inout Arena) -> conductor_storage_sizes {
        conductor_storage_sizes(
            struct_size: UInt32(sizeOf: conductor_storage_sizes.self), flags: 0, tables: arena.array(tables))
    }

    package init(_ form: conductor_storage_sizes) throws(PluginError) {
        tables = try [StorageTable](form.tables)
    }
}
