"""Publication and PublicationSubscriber: publications, and the subscribers who opted in to them."""

from __future__ import annotations

from typing import ClassVar

from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.properties import BY_ID, Property, Reference, sample
from sfmc_mock.objects.list_memberships import MemberOwner
from sfmc_mock.objects.subscriber_identity import known_or_new
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct


class PublicationHandler(MemberOwner):
    """A publication with its subscribers, which PublicationSubscriber returns.

    Properties: wsdl; codes and texts of names: documented; everything else, and that sends ignore publications:
    assumed.
    """

    scope = "list_and_subscribers"
    example = sample(CustomerKey="offers", Name="Offers")
    fields = (
        *BY_ID,
        Property.object_name(
            (111000, "Publication Invalid Name Error"),
            taken=(111001, "Publication Name Already Exists Error"),
        ),
        Property("IsActive", default=True),
        Reference("SendClassification", shows=("ObjectID", "CustomerKey"), protects=False),
        Property.folder("publication", name="Category"),
    )
    reads: ClassVar = {
        "": ("Subscribers",),
        "Subscribers.Subscriber": ("ID", "SubscriberKey", "EmailAddress", "Attributes"),
    }
    member_table = "publication_subscriber"
    owner_column = "publication_id"
    members_key = "subscribers"
    members_are_dated = True

    def written(self, call: Call, sent: Struct, row: Row, *, is_new: bool) -> None:
        """Add the publication's Subscribers as members, unknown ones as new subscribers."""
        for subscriber in sent.wrapped("Subscribers", "Subscriber"):
            number = known_or_new(call, subscriber, number=subscriber.number("ID"))
            self.add_member(call.account, row["id"], number)


class PublicationSubscriberHandler(DeclaredObject):
    """A subscriber of a publication, read-only. Properties: wsdl; which are retrievable: assumed."""

    scope = "list_and_subscribers"
    reads_from = (
        "publication_subscriber t JOIN publication p ON p.id = t.publication_id "
        "JOIN subscriber s ON s.id = t.subscriber_id"
    )
    fields = (
        *Property.alike("ID", "Client.ID", "CreatedDate"),
        Property("Publication.ID", sql="p.id"),
        Property("Publication.CustomerKey", sql="p.customer_key"),
        Property("Publication.Name", sql="p.name"),
        Property("Subscriber.ID", sql="s.id"),
        Property("Subscriber.SubscriberKey", sql="s.subscriber_key"),
        Property("Subscriber.EmailAddress", sql="s.email_address"),
        Property("Subscriber.Status", sql="s.status"),
    )
