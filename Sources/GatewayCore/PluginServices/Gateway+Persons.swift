internal import PluginHost
internal import PluginKit

/// What is known of who has a number, for plugins and people alike.
extension Gateway {
    /// Everybody in the CRM who has the number, whether they said STOP, and whether people are talking with them. One call
    /// to wherever customers are kept; the rest is at hand.
    func card(_ query: CustomerQuery) async throws(PluginError) -> CustomerCard {
        guard (0...100).contains(query.purchases) else {
            throw PluginError(.invalid, "purchases is \(query.purchases): it may be 0 to 100")
        }
        var query = query
        query.phone = try personNumber(query.phone)
        guard let directory = host.customers else {
            throw PluginError(
                .unsupported, "no plugin here knows customers: none offers the capability conductor.crm/1")
        }
        var card = CustomerCard(customers: try await directory.customers(query))
        // Numbers that several have are marked here, whatever the plugin that knows customers says.
        for index in card.customers.indices { card.customers[index].isAmbiguous = card.customers.count > 1 }
        let contact = try await contact(of: query.phone)
        card.isOptedOut = contact.isOptedOut
        if !contact.isClosed {
            do throws(GatewayError) {
                card.isConversationOpen = try !recent(MessageQuery(phone: query.phone, limit: 1)).isEmpty
            } catch {
                throw PluginError(.unavailable, error.message)
            }
        }
        return card
    }

    func personNumber(_ phone: String) throws(PluginError) -> String {
        guard let number = options.policy.number(phone) else {
            throw PluginError(.invalid, "this is not a number that a text can be sent to: write it as +16195550123")
        }
        return number.text
    }

    func contact(of number: String) async throws(PluginError) -> Contact {
        try withConsent(try await console.contact(number))
    }

    /// The journal knows who said STOP.
    func withConsent(_ contact: Contact) throws(PluginError) -> Contact {
        var contact = contact
        do {
            contact.isOptedOut = try journal.read { try !Consent.isAllowed(contact.phone, $0) }
        } catch {
            throw PluginError(.unavailable, "the journal could not be read: \(error)")
        }
        return contact
    }
}
