"""The API objects: one file each; related ones, such as the tracking events, share a file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from sfmc_mock.account import Account
from sfmc_mock.account.account import DueAction
from sfmc_mock.account.activities import ACTIVITY_RUN, ActivityFailed, Counts, Run, running
from sfmc_mock.account.automations import activity_finished
from sfmc_mock.account.due_actions import ACCOUNT_ACTIONS
from sfmc_mock.account.extracts import EXTRACT, run_extract
from sfmc_mock.account.queries import data_view_hint
from sfmc_mock.declarations.activity import Activity
from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.handler import Handler
from sfmc_mock.declarations.schema import schema_of
from sfmc_mock.errors import Refused
from sfmc_mock.objects import (
    absent,
    account,
    account_user,
    asset,
    async_activity_status,
    asynchronous_requests,
    automation,
    automation_instance,
    campaign,
    contact_event,
    content_area,
    content_validation,
    counters,
    data_extension,
    data_extension_field,
    data_extension_object,
    data_extension_template,
    data_folder,
    delivery_profile,
    email,
    email_send_definition,
    extracts,
    file_transfers,
    file_trigger,
    filter_activity,
    filter_definition,
    global_unsubscribe_category,
    group,
    import_definition,
    list_subscriber,
    messaging_vendor_kind,
    platform_application,
    portfolio,
    private_addresses,
    property_definition,
    public_key_management,
    publication,
    query_definition,
    reply_mail_management_configuration,
    role,
    send,
    send_classification,
    sender_profile,
    sms_keywords,
    sms_messages,
    subscriber,
    subscriber_status_event,
    suppression_list,
    template,
    time_zone,
    tracking_events,
    triggered_send,
    triggered_send_definition,
    user_access,
    voice_triggered_send,
)
from sfmc_mock.objects import list as lists
from sfmc_mock.store import event_log
from sfmc_mock.store.database import Row
from sfmc_mock.store.schema import Schema
from sfmc_mock.wire.struct import Struct

_ALL: tuple[Handler, ...] = (
    account_user.AccountUserHandler(),
    user_access.AccountUserAccountHandler(),
    async_activity_status.AsyncActivityStatusHandler(),
    automation.AutomationHandler(),
    automation_instance.AutomationInstanceHandler(),
    content_area.ContentAreaHandler(),
    data_extension.DataExtensionHandler(),
    data_extension_field.DataExtensionFieldHandler(),
    data_extension_object.DataExtensionObjectHandler(),
    data_extension_template.DataExtensionTemplateHandler(),
    extracts.DataExtractActivityHandler(),
    data_folder.DataFolderHandler(),
    delivery_profile.DeliveryProfileHandler(),
    email.EmailHandler(),
    email_send_definition.EmailSendDefinitionHandler(),
    filter_activity.FilterActivityHandler(),
    filter_definition.FilterDefinitionHandler(),
    global_unsubscribe_category.GlobalUnsubscribeCategoryHandler(),
    import_definition.ImportDefinitionHandler(),
    import_definition.ImportResultsSummaryHandler(),
    counters.LinkHandler(),
    lists.ListHandler(),
    list_subscriber.ListSubscriberHandler(),
    portfolio.PortfolioHandler(),
    private_addresses.PrivateIPHandler(),
    automation.ProgramHandler(),
    property_definition.PropertyDefinitionHandler(),
    publication.PublicationHandler(),
    publication.PublicationSubscriberHandler(),
    query_definition.QueryDefinitionHandler(),
    reply_mail_management_configuration.ReplyMailManagementConfigurationHandler(),
    role.RoleHandler(),
    send_classification.SendClassificationHandler(),
    sender_profile.SenderProfileHandler(),
    subscriber.SubscriberHandler(),
    subscriber_status_event.SubscriberStatusEventHandler(),
    suppression_list.SuppressionListContextHandler(),
    suppression_list.SuppressionListDataHandler(),
    suppression_list.SuppressionListDefinitionHandler(),
    template.TemplateHandler(),
    triggered_send.TriggeredSendHandler(),
    triggered_send_definition.TriggeredSendDefinitionHandler(),
    account.AccountPrivateLabelHandler(),
    asset.AssetHandler(),
    asset.CategoryHandler(),
    account.BusinessRuleHandler(),
    campaign.CampaignHandler(),
    contact_event.ContactEventHandler(),
    content_validation.ContentValidationHandler(),
    extracts.ExtractDefinitionHandler(),
    extracts.ExtractDescriptionHandler(),
    file_transfers.FileTransferActivityHandler(),
    file_transfers.FileTransferLocationHandler(),
    file_trigger.FileTriggerHandler(),
    file_trigger.FileTriggerTypeLastPullHandler(),
    group.GroupHandler(),
    group.GroupDefinitionHandler(),
    messaging_vendor_kind.MessagingVendorKindHandler(),
    platform_application.PlatformApplicationHandler(),
    platform_application.PlatformApplicationPackageHandler(),
    platform_application.ProgramManifestTemplateHandler(),
    private_addresses.PrivateDomainHandler(),
    private_addresses.PrivateDomainSetHandler(),
    public_key_management.PublicKeyManagementHandler(),
    send.SendHandler(),
    email.SendAdditionalAttributeHandler(),
    list_subscriber.SubscriberListHandler(),
    time_zone.TimeZoneHandler(),
    time_zone.LocaleHandler(),
    user_access.UserAccessHandler(),
    voice_triggered_send.VoiceTriggeredSendHandler(),
    voice_triggered_send.VoiceTriggeredSendDefinitionHandler(),
    *account.OWN_ACCOUNT,
    *sms_keywords.SMS_KEYWORDS,
    *sms_messages.SMS_MESSAGES,
    *asynchronous_requests.RESULTS,
    *asynchronous_requests.SCHEDULED,
    *tracking_events.TRACKING_EVENTS,
    *counters.COUNTERS,
    *absent.DEPRECATED_ACTIVITIES,
)

HANDLERS: dict[str, Handler] = {handler.object_type: handler for handler in _ALL}


_ABSENT: dict[str, Handler] = {
    name: absent.AbsentHandler(name) for name in absent.absent_names(frozenset(HANDLERS))
}


def handler_for(object_type: str, *, any_case: bool = False) -> Handler | None:
    """Return the handler of an object type, or None if the service has no such type.

    The handler has `is_absent` set for a type of the service that the emulator does not implement.
    """
    if not any_case:
        return HANDLERS.get(object_type) or _ABSENT.get(object_type)
    folded = object_type.casefold()
    every = {**_ABSENT, **HANDLERS}
    return next((handler for name, handler in every.items() if name.casefold() == folded), None)


def warn_of_absence(call: Call, handler: Handler, operation: str) -> None:
    """Warn a call that the account has no objects of a type because the emulator does not implement it."""
    if handler.is_absent:
        call.warn(
            f"{handler.object_type} is an object of the service that the emulator has not: this {operation} was "
            "answered as by an account that has none"
        )


def warn_of_unknown_type(call: Call, object_type: str) -> None:
    """Warn a call that the service has no such object type, and suggest similar names."""
    near = absent.nearest_types(object_type, (*HANDLERS, *_ABSENT))
    hint = f"did you mean {near}?" if near else "nothing is called like it"
    hint = data_view_hint(object_type) or hint
    call.warn(f"the service has no object type '{object_type}': {hint}")


for _handler in _ALL:
    _handler.others = HANDLERS


def about_object(sent: Struct) -> str:
    """Return the text that identifies an object of a call in the journal, such as its key."""
    return (HANDLERS.get(sent.type) or _UNKNOWN).about(sent)


_UNKNOWN = Handler()


def _run_of(object_type: str) -> Run | None:
    """Return the function that runs an activity of a type: its own `run`, or its Perform action `start`.

    None if the type cannot be run.
    """
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
    # Queued by earlier versions of the emulator.
    "query run": _run_activity,
}
"""The handlers of scheduled actions, by the kind of action."""


@cache
def schema() -> Schema:
    """Return the tables, views and triggers that the declared objects and the fields of events need."""
    declared = schema_of(handler for handler in _ALL if isinstance(handler, DeclaredObject))
    events = event_log.schema()
    return Schema(
        (*declared.tables, *events.tables), {**declared.views, **events.views}, declared.triggers
    )
