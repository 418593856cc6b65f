"""The API objects, a file each; what belongs together shares one, such as the tracking events."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from sfmc_mock.account import Account
from sfmc_mock.account.account import DueAction
from sfmc_mock.account.activities import ACTIVITY_RUN, ActivityFailed, Counts, Run, running
from sfmc_mock.account.automations import activity_finished
from sfmc_mock.account.extracts import EXTRACT, run_extract
from sfmc_mock.account.timers import ACCOUNT_ACTIONS
from sfmc_mock.declarations.activity import Activity
from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.handler import Call, Handler
from sfmc_mock.declarations.schema import schema_of
from sfmc_mock.errors import Refused
from sfmc_mock.objects.absent import (
    DEPRECATED_ACTIVITIES,
    AbsentHandler,
    absent_names,
    nearest_types,
)
from sfmc_mock.objects.account import OWN_ACCOUNT, AccountPrivateLabelHandler, BusinessRuleHandler
from sfmc_mock.objects.account_user import AccountUserHandler
from sfmc_mock.objects.asset import AssetHandler, CategoryHandler
from sfmc_mock.objects.async_activity_status import AsyncActivityStatusHandler
from sfmc_mock.objects.asynchronous_requests import RESULTS, SCHEDULED
from sfmc_mock.objects.automation import AutomationHandler, ProgramHandler
from sfmc_mock.objects.automation_instance import AutomationInstanceHandler
from sfmc_mock.objects.campaign import CampaignHandler
from sfmc_mock.objects.contact_event import ContactEventHandler
from sfmc_mock.objects.content_area import ContentAreaHandler
from sfmc_mock.objects.content_validation import ContentValidationHandler
from sfmc_mock.objects.counters import COUNTERS, LinkHandler
from sfmc_mock.objects.data_extension import DataExtensionHandler
from sfmc_mock.objects.data_extension_field import DataExtensionFieldHandler
from sfmc_mock.objects.data_extension_object import DataExtensionObjectHandler
from sfmc_mock.objects.data_extension_template import DataExtensionTemplateHandler
from sfmc_mock.objects.data_folder import DataFolderHandler
from sfmc_mock.objects.delivery_profile import DeliveryProfileHandler
from sfmc_mock.objects.email import EmailHandler, SendAdditionalAttributeHandler
from sfmc_mock.objects.email_send_definition import EmailSendDefinitionHandler
from sfmc_mock.objects.extracts import (
    DataExtractActivityHandler,
    ExtractDefinitionHandler,
    ExtractDescriptionHandler,
)
from sfmc_mock.objects.file_transfers import (
    FileTransferActivityHandler,
    FileTransferLocationHandler,
)
from sfmc_mock.objects.file_trigger import FileTriggerHandler, FileTriggerTypeLastPullHandler
from sfmc_mock.objects.filter_activity import FilterActivityHandler
from sfmc_mock.objects.filter_definition import FilterDefinitionHandler
from sfmc_mock.objects.global_unsubscribe_category import GlobalUnsubscribeCategoryHandler
from sfmc_mock.objects.group import GroupDefinitionHandler, GroupHandler
from sfmc_mock.objects.import_definition import ImportDefinitionHandler, ImportResultsSummaryHandler
from sfmc_mock.objects.list import ListHandler
from sfmc_mock.objects.list_subscriber import ListSubscriberHandler, SubscriberListHandler
from sfmc_mock.objects.messaging_vendor_kind import MessagingVendorKindHandler
from sfmc_mock.objects.platform_application import (
    PlatformApplicationHandler,
    PlatformApplicationPackageHandler,
    ProgramManifestTemplateHandler,
)
from sfmc_mock.objects.portfolio import PortfolioHandler
from sfmc_mock.objects.private_addresses import (
    PrivateDomainHandler,
    PrivateDomainSetHandler,
    PrivateIPHandler,
)
from sfmc_mock.objects.property_definition import PropertyDefinitionHandler
from sfmc_mock.objects.public_key_management import PublicKeyManagementHandler
from sfmc_mock.objects.publication import PublicationHandler, PublicationSubscriberHandler
from sfmc_mock.objects.query_definition import QueryDefinitionHandler
from sfmc_mock.objects.reply_mail_management_configuration import (
    ReplyMailManagementConfigurationHandler,
)
from sfmc_mock.objects.role import RoleHandler
from sfmc_mock.objects.send import SendHandler
from sfmc_mock.objects.send_classification import SendClassificationHandler
from sfmc_mock.objects.sender_profile import SenderProfileHandler
from sfmc_mock.objects.sms_keywords import SMS_KEYWORDS
from sfmc_mock.objects.sms_messages import SMS_MESSAGES
from sfmc_mock.objects.subscriber import SubscriberHandler
from sfmc_mock.objects.subscriber_status_event import SubscriberStatusEventHandler
from sfmc_mock.objects.suppression_list import (
    SuppressionListContextHandler,
    SuppressionListDataHandler,
    SuppressionListDefinitionHandler,
)
from sfmc_mock.objects.template import TemplateHandler
from sfmc_mock.objects.time_zone import LocaleHandler, TimeZoneHandler
from sfmc_mock.objects.tracking_events import TRACKING_EVENTS
from sfmc_mock.objects.triggered_send import TriggeredSendHandler
from sfmc_mock.objects.triggered_send_definition import TriggeredSendDefinitionHandler
from sfmc_mock.objects.user_access import AccountUserAccountHandler, UserAccessHandler
from sfmc_mock.objects.voice_triggered_send import (
    VoiceTriggeredSendDefinitionHandler,
    VoiceTriggeredSendHandler,
)
from sfmc_mock.store.database import Row
from sfmc_mock.store.schema import Schema
from sfmc_mock.wire.struct import Struct

_ALL: tuple[Handler, ...] = (
    AccountUserHandler(),
    AccountUserAccountHandler(),
    AsyncActivityStatusHandler(),
    AutomationHandler(),
    AutomationInstanceHandler(),
    ContentAreaHandler(),
    DataExtensionHandler(),
    DataExtensionFieldHandler(),
    DataExtensionObjectHandler(),
    DataExtensionTemplateHandler(),
    DataExtractActivityHandler(),
    DataFolderHandler(),
    DeliveryProfileHandler(),
    EmailHandler(),
    EmailSendDefinitionHandler(),
    FilterActivityHandler(),
    FilterDefinitionHandler(),
    GlobalUnsubscribeCategoryHandler(),
    ImportDefinitionHandler(),
    ImportResultsSummaryHandler(),
    LinkHandler(),
    ListHandler(),
    ListSubscriberHandler(),
    PortfolioHandler(),
    PrivateIPHandler(),
    ProgramHandler(),
    PropertyDefinitionHandler(),
    PublicationHandler(),
    PublicationSubscriberHandler(),
    QueryDefinitionHandler(),
    ReplyMailManagementConfigurationHandler(),
    RoleHandler(),
    SendClassificationHandler(),
    SenderProfileHandler(),
    SubscriberHandler(),
    SubscriberStatusEventHandler(),
    SuppressionListContextHandler(),
    SuppressionListDataHandler(),
    SuppressionListDefinitionHandler(),
    TemplateHandler(),
    TriggeredSendHandler(),
    TriggeredSendDefinitionHandler(),
    AccountPrivateLabelHandler(),
    AssetHandler(),
    CategoryHandler(),
    BusinessRuleHandler(),
    CampaignHandler(),
    ContactEventHandler(),
    ContentValidationHandler(),
    ExtractDefinitionHandler(),
    ExtractDescriptionHandler(),
    FileTransferActivityHandler(),
    FileTransferLocationHandler(),
    FileTriggerHandler(),
    FileTriggerTypeLastPullHandler(),
    GroupHandler(),
    GroupDefinitionHandler(),
    MessagingVendorKindHandler(),
    PlatformApplicationHandler(),
    PlatformApplicationPackageHandler(),
    ProgramManifestTemplateHandler(),
    PrivateDomainHandler(),
    PrivateDomainSetHandler(),
    PublicKeyManagementHandler(),
    SendHandler(),
    SendAdditionalAttributeHandler(),
    SubscriberListHandler(),
    TimeZoneHandler(),
    LocaleHandler(),
    UserAccessHandler(),
    VoiceTriggeredSendHandler(),
    VoiceTriggeredSendDefinitionHandler(),
    *OWN_ACCOUNT,
    *SMS_KEYWORDS,
    *SMS_MESSAGES,
    *RESULTS,
    *SCHEDULED,
    *TRACKING_EVENTS,
    *COUNTERS,
    *DEPRECATED_ACTIVITIES,
)

HANDLERS: dict[str, Handler] = {handler.object_type: handler for handler in _ALL}


_ABSENT: dict[str, Handler] = {
    name: AbsentHandler(name) for name in absent_names(frozenset(HANDLERS))
}


def handler_for(object_type: str, *, any_case: bool = False) -> Handler | None:
    """Return the API object called so, None when the service has none; `is_absent` says that the emulator has not."""
    if not any_case:
        return HANDLERS.get(object_type) or _ABSENT.get(object_type)
    folded = object_type.casefold()
    every = {**_ABSENT, **HANDLERS}
    return next((handler for name, handler in every.items() if name.casefold() == folded), None)


def warn_of_absence(call: Call, handler: Handler, operation: str) -> None:
    """Tell a call that the account has no objects of a type, because the emulator does not know them."""
    if handler.is_absent:
        call.warn(
            f"{handler.object_type} is an object of the service that the emulator has not: this {operation} was "
            "answered as by an account that has none"
        )


def warn_of_unknown_type(call: Call, object_type: str) -> None:
    """Tell a call that the service has no object type called so, and which ones are near."""
    near = nearest_types(object_type, (*HANDLERS, *_ABSENT))
    hint = f"did you mean {near}?" if near else "nothing is called like it"
    call.warn(f"the service has no object type '{object_type}': {hint}")


for _handler in _ALL:
    _handler.others = HANDLERS


def about_object(sent: Struct) -> str:
    """Return what an object of a call is, for the journal: what names it."""
    return (HANDLERS.get(sent.type) or _UNKNOWN).about(sent)


_UNKNOWN = Handler()


def _run_of(object_type: str) -> Run | None:
    """Return what does the work of an activity: its own, or what Perform does with `Start`."""
    if object_type == EXTRACT:
        return run_extract
    handler = HANDLERS.get(object_type)
    if isinstance(handler, Activity):
        return handler.run
    if handler is None or "start" not in handler.actions.get("Perform", {}):
        return None

    def run(account: Account, task: Row) -> Counts:
        named = Struct(object_type, {"ObjectID": task["object_id"]})
        try:
            done = handler.act(Call(account), "Perform", "start", named)
        except Refused as refused:
            raise ActivityFailed(f"{refused.error_code}: {refused.message}") from None
        if done.refusal is not None:
            raise ActivityFailed(done.refusal.message)
        return Counts()

    return run


_run_activity = running(_run_of, activity_finished)

DUE_ACTIONS: Mapping[str, DueAction] = {
    **ACCOUNT_ACTIONS,
    ACTIVITY_RUN: _run_activity,
    # Queued by earlier versions.
    "query run": _run_activity,
}
"""What does the scheduled actions of an account."""


@cache
def schema() -> Schema:
    """Return the tables, views and triggers that follow from the declarations."""
    return schema_of(handler for handler in _ALL if isinstance(handler, DeclaredObject))
