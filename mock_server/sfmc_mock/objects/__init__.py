"""The API objects, one file each; the tracking events share one, and so do the counters."""

from __future__ import annotations

from functools import cache

from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.handler import Handler
from sfmc_mock.declarations.schema import schema_of
from sfmc_mock.objects.account_user import AccountUserHandler
from sfmc_mock.objects.async_activity_status import AsyncActivityStatusHandler
from sfmc_mock.objects.business_units import OWN_ACCOUNT
from sfmc_mock.objects.content_area import ContentAreaHandler
from sfmc_mock.objects.counters import COUNTERS
from sfmc_mock.objects.data_extension import DataExtensionHandler
from sfmc_mock.objects.data_extension_field import DataExtensionFieldHandler
from sfmc_mock.objects.data_extension_object import DataExtensionObjectHandler
from sfmc_mock.objects.data_extension_template import DataExtensionTemplateHandler
from sfmc_mock.objects.data_folder import DataFolderHandler
from sfmc_mock.objects.delivery_profile import DeliveryProfileHandler
from sfmc_mock.objects.email import EmailHandler
from sfmc_mock.objects.filter_activity import FilterActivityHandler
from sfmc_mock.objects.filter_definition import FilterDefinitionHandler
from sfmc_mock.objects.global_unsubscribe_category import GlobalUnsubscribeCategoryHandler
from sfmc_mock.objects.list import ListHandler
from sfmc_mock.objects.list_subscriber import ListSubscriberHandler
from sfmc_mock.objects.portfolio import PortfolioHandler
from sfmc_mock.objects.private_ip import PrivateIPHandler
from sfmc_mock.objects.property_definition import PropertyDefinitionHandler
from sfmc_mock.objects.query_definition import QueryDefinitionHandler
from sfmc_mock.objects.reply_mail_management_configuration import (
    ReplyMailManagementConfigurationHandler,
)
from sfmc_mock.objects.role import RoleHandler
from sfmc_mock.objects.send_classification import SendClassificationHandler
from sfmc_mock.objects.sender_profile import SenderProfileHandler
from sfmc_mock.objects.subscriber import SubscriberHandler
from sfmc_mock.objects.template import TemplateHandler
from sfmc_mock.objects.tracking_events import TRACKING_EVENTS
from sfmc_mock.objects.triggered_send import TriggeredSendHandler
from sfmc_mock.objects.triggered_send_definition import TriggeredSendDefinitionHandler
from sfmc_mock.store.schema import Schema
from sfmc_mock.wire.struct import Struct

_ALL: tuple[Handler, ...] = (
    AccountUserHandler(),
    AsyncActivityStatusHandler(),
    ContentAreaHandler(),
    DataExtensionHandler(),
    DataExtensionFieldHandler(),
    DataExtensionObjectHandler(),
    DataExtensionTemplateHandler(),
    DataFolderHandler(),
    DeliveryProfileHandler(),
    EmailHandler(),
    FilterActivityHandler(),
    FilterDefinitionHandler(),
    GlobalUnsubscribeCategoryHandler(),
    ListHandler(),
    ListSubscriberHandler(),
    PortfolioHandler(),
    PrivateIPHandler(),
    PropertyDefinitionHandler(),
    QueryDefinitionHandler(),
    ReplyMailManagementConfigurationHandler(),
    RoleHandler(),
    SendClassificationHandler(),
    SenderProfileHandler(),
    SubscriberHandler(),
    TemplateHandler(),
    TriggeredSendHandler(),
    TriggeredSendDefinitionHandler(),
    *OWN_ACCOUNT,
    *TRACKING_EVENTS,
    *COUNTERS,
)

HANDLERS: dict[str, Handler] = {handler.object_type: handler for handler in _ALL}


def handler_for(object_type: str, *, any_case: bool = False) -> Handler | None:
    """Return the API object called so, None when the emulator has none."""
    if not any_case:
        return HANDLERS.get(object_type)
    folded = object_type.casefold()
    return next((each for name, each in HANDLERS.items() if name.casefold() == folded), None)


for _handler in _ALL:
    _handler.others = HANDLERS


def about_object(sent: Struct) -> str:
    """Return what an object of a call is, for the journal: what names it."""
    return HANDLERS.get(sent.type, Handler()).about(sent)


@cache
def schema() -> Schema:
    """Return the tables, views and triggers that follow from the declarations."""
    return schema_of(each for each in _ALL if isinstance(each, DeclaredObject))
