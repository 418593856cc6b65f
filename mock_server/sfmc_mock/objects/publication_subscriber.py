"""PublicationSubscriber: subscribers of publications."""

from __future__ import annotations

from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.properties import Property


class PublicationSubscriberHandler(DeclaredObject):
    """A subscriber of a publication, to be read. Properties: wsdl; which can be asked for: assumed."""

    object_type = "PublicationSubscriber"
    scope = "list_and_subscribers"
    fields = (
        Property("ID", updatable=False),
        Property("Client.ID", updatable=False),
        Property("CreatedDate", updatable=False),
        Property("Publication.ID", updatable=False),
        Property("Publication.CustomerKey", updatable=False),
        Property("Publication.Name", updatable=False),
        Property("Subscriber.ID", updatable=False),
        Property("Subscriber.SubscriberKey", updatable=False),
        Property("Subscriber.EmailAddress", updatable=False),
        Property("Subscriber.Status", updatable=False),
    )
    selects = (
        'SELECT m.id AS rowkey, m.id AS "ID", (SELECT mid FROM account_id) AS "Client.ID", '
        'm.created_at AS "CreatedDate", p.id AS "Publication.ID", p.customer_key AS "Publication.CustomerKey", '
        'p.name AS "Publication.Name", s.id AS "Subscriber.ID", s.subscriber_key AS "Subscriber.SubscriberKey", '
        's.email_address AS "Subscriber.EmailAddress", s.status AS "Subscriber.Status" '
        "FROM publication_subscriber m JOIN publication p ON p.id = m.publication_id "
        "JOIN subscriber s ON s.id = m.subscriber_id"
    )
