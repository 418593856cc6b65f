"""PublicationSubscriber: subscribers of publications."""

from __future__ import annotations

from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.properties import Property


class PublicationSubscriberHandler(DeclaredObject):
    """A subscriber of a publication, to be read. Properties: wsdl; which can be asked for: assumed."""

    object_type = "PublicationSubscriber"
    scope = "list_and_subscribers"
    reads_from = (
        "publication_subscriber t JOIN publication p ON p.id = t.publication_id "
        "JOIN subscriber s ON s.id = t.subscriber_id"
    )
    fields = (
        Property("ID"),
        Property("Client.ID"),
        Property("CreatedDate"),
        Property("Publication.ID", sql="p.id"),
        Property("Publication.CustomerKey", sql="p.customer_key"),
        Property("Publication.Name", sql="p.name"),
        Property("Subscriber.ID", sql="s.id"),
        Property("Subscriber.SubscriberKey", sql="s.subscriber_key"),
        Property("Subscriber.EmailAddress", sql="s.email_address"),
        Property("Subscriber.Status", sql="s.status"),
    )
