"""The ledger of differences: where sources about the service disagree or are silent, and what the emulator does.

`docs/differences.md` is made from this table. The code beside a choice says why; here is the list.
"""

from __future__ import annotations

from typing import NamedTuple


class Difference(NamedTuple):
    """One disagreement. `origin` grades what is known of the live service: recorded, seen live, documented, sdk, wsdl,
    or assumed when nothing was found."""

    topic: str
    live: str
    default: str
    strict: str
    origin: str


SAMPLES: tuple[Difference, ...] = (
    Difference(
        "Template `c3af0d64-1867-de11-8767-001e0bcf2c98`, called the same for all accounts",
        "ObjectIDs of templates differ from stack to stack; the one of that name makes a sendable data extension",
        "makes the send log: JobID, ListID, BatchID, SubID, TriggeredSendID, ErrorCode, SubscriberKey, EmailAddress",
        "unknown ObjectID, refused; the account's SendLog template works",
        "recorded",
    ),
    Difference(
        "Send-log property `SubscriberID`",
        "the column is called `SubID`",
        "an alias, echoed under the name asked for, with a warning",
        "`Error: Invalid column name 'SubscriberID'.`",
        "seen live",
    ),
    Difference(
        "`DateValue` that holds a text",
        "a .NET reader refuses the request",
        "taken as the value, with a warning",
        "fault: Server was unable to read request",
        "assumed",
    ),
    Difference(
        "`DataExtensionObject[SendLog]` by Name",
        "works: key, then name",
        "the same",
        "the same",
        "seen live",
    ),
    Difference(
        "Filter by SubscriberID on events other than SentEvent",
        "not a retrievable property",
        "taken, with a warning",
        "`Error: The Filter Property 'SubscriberID' is not a retrievable property.`",
        "seen live",
    ),
    Difference(
        "`help@example.com`",
        "blocked by List Detective (code 24)",
        "sent, with a warning",
        "blocked",
        "seen live",
    ),
    Difference(
        "A triggered send that names the definition by its Name instead of its key",
        "18002",
        "found by key, then by name, with a warning",
        "18002",
        "documented",
    ),
    Difference(
        "Update of data extension `SendLog`, which was made without a key",
        "keys are made up (an upper-case GUID), so no such key",
        "found by key, then by name, with a warning",
        "310004",
        "recorded",
    ),
)
"""Where the documented samples and the live service disagree: eight places, and what each mode does."""

CHOICES: tuple[Difference, ...] = (
    Difference(
        "Case of object types",
        "the service's own text says that they are case-sensitive; a widely used client sends `LIST`",
        "any case in Retrieve and Query, with a warning; exact elsewhere",
        "exact",
        "recorded against sdk",
    ),
    Difference(
        "Case of property names",
        "not found",
        "any case, with a warning",
        "exact",
        "assumed",
    ),
    Difference(
        "Text of Login Failed",
        "`Login Failed` in clients that compare it, `Login failed` in the documentation",
        "`Login Failed`",
        "the same",
        "sdk against documented",
    ),
    Difference(
        "Overall status of a batch that failed in part",
        "`Has Errors` in four live clients, `HasErrors` and `Has Error` in the documentation",
        "`Has Errors`",
        "the same",
        "seen live against documented",
    ),
    Difference(
        "SaveAction UpdateAdd of objects that are no Subscriber, List or data extension",
        "not documented; each error text of a SaveAction speaks of every object",
        "changes what has the identity or the key, and adds it otherwise",
        "the same",
        "assumed",
    ),
    Difference(
        "Content areas and templates",
        "codes and names of refusals are documented, not where a new one stands and what is said of a missing one",
        "in the root of the shared folders; 21000 and 302007",
        "the same",
        "assumed",
    ),
    Difference(
        "Names of profile attributes",
        "67004 forbids all but letters and digits; live accounts hold blanks and underscores",
        "letters, digits, blank, underscore",
        "the same",
        "recorded against documented",
    ),
    Difference(
        "Delete of a data extension that is not there",
        "310002 documented, 310007 seen by a client",
        "310007",
        "the same",
        "seen live against documented",
    ),
    Difference(
        "Empty number, flag or date in a request",
        "a .NET reader refuses the request",
        "taken as not given, with a warning",
        "fault: Server was unable to read request",
        "assumed",
    ),
    Difference(
        "Nesting of XML",
        "no limit found",
        "256 levels, then HTTP 400",
        "the same",
        "assumed",
    ),
    Difference(
        "Nesting of filters",
        "984 levels are `Some part of your SQL statement is nested too deeply`; where that begins was not found",
        "the same text from 201 levels on, and where operators alternate from about 28",
        "the same",
        "seen live for the text",
    ),
    Difference(
        "32,767 or more API objects in one request",
        "code 218, `Too many objects`, documented for asynchronous calls",
        "a fault with that text, and 218 as the code of its detail; API objects within others count",
        "the same",
        "documented for the number, assumed for the form",
    ),
    Difference(
        "Life of a ContinueRequest",
        "not found",
        "30 minutes on the account's clock; each RequestID leads to the page after its own, the first one of a chain "
        "to the newest when used again",
        "the same",
        "assumed",
    ),
    Difference(
        "BatchID of triggered sends",
        "a worker puts up to 500 subscribers into a batch; no subscriber is twice in one",
        "sends at one time of the clock share a batch of up to 500; a later time begins the next",
        "the same",
        "documented in outline",
    ),
    Difference(
        "When a definition gets a new job",
        "a new job with changed content",
        "at a start after RefreshContent, or after a change of email, list, send classification, sender, "
        "reply address, subject, preheader or IsMultipart",
        "the same",
        "seen live in outline",
    ),
    Difference(
        "Who is on no list yet",
        "not found",
        "a triggered send adds them to All Subscribers; AutoAddSubscribers also to the definition's list",
        "the same",
        "assumed",
    ),
    Difference(
        "Address in the call that differs from the subscriber's",
        "not found",
        "the message goes to the one in the call; AutoUpdateSubscribers takes it over",
        "the same",
        "assumed",
    ),
    Difference(
        "Status of a definition on Create",
        "New",
        "New, whatever was sent, with a warning",
        "the same",
        "documented",
    ),
    Difference(
        "Pausing a definition that never started; starting a canceled one",
        "not found",
        "refused with 17002; with 17000",
        "the same",
        "assumed",
    ),
    Difference(
        "Queue of a paused definition",
        "queues; expiry after three days reported by users",
        "queues, expires after three days with code 43",
        "the same",
        "documented, expiry seen live",
    ),
    Difference(
        "Configure, Perform or Schedule without an action or object",
        "not found",
        "overall status Error, and OverallStatusMessage says what is missing",
        "the same",
        "assumed",
    ),
    Difference(
        "SOAP 1.2 faults",
        "none was recorded",
        "ASP.NET's form: Code, Reason, Role, Detail",
        "the same",
        "assumed",
    ),
    Difference(
        "Cells of data extensions: dates and booleans",
        "strings; their form was not recorded",
        "dates as `5/9/2024 12:00:00 AM`, booleans as `True` and `False`, as the service writes such strings elsewhere",
        "the same",
        "assumed",
    ),
    Difference(
        "Values that do not fit the send log",
        "not found",
        "too long: cut; of another type: no value; a row whose primary key is taken: passed over. No send fails for it",
        "the same",
        "assumed",
    ),
    Difference(
        "A second send log",
        "one per account; the refusal was not found",
        "refused with 310007",
        "the same",
        "documented, code assumed",
    ),
    Difference(
        "Errors of rows",
        "KeyErrors and ValueErrors by column; most texts were not recorded",
        "the codes 70000 to 71005 by column, some texts as the REST twin words them",
        "the same",
        "documented, texts partly assumed",
    ),
    Difference(
        "Deleting what others need",
        "not found",
        "refused: code 2, a list 13002, a root or filled folder 396001",
        "the same",
        "assumed",
    ),
    Difference(
        "IDs of subscribers, lists and emails",
        "grow with time",
        "follow from the key, so that the same calls give the same IDs whatever the order of threads; pages come in "
        "their order",
        "the same",
        "the emulator's own",
    ),
    Difference(
        "Size of filters",
        "not found",
        "5,000 comparisons, and some thirty levels of nesting; more is refused in SQL Server's words",
        "the same",
        "assumed",
    ),
    Difference(
        "Subscribers refused while a send is answered",
        "SubscriberFailures; what the log and tracking show was not found",
        "a log row with ErrorCode and without BatchID, no NotSentEvent",
        "the same",
        "documented, log row assumed",
    ),
    Difference(
        "Messages that waited when their definition is canceled or deleted, or their subscriber deleted",
        "not found",
        "not sent, codes 39 and 40, in the definition's last job",
        "the same",
        "documented codes, use assumed",
    ),
    Difference(
        "Unsubscribe from a send to All Subscribers",
        "not found",
        "a master unsubscribe",
        "the same",
        "assumed",
    ),
    Difference(
        "HonorPublicationListOptOutsForTransactionalSends",
        "named for publication lists",
        "counts for publication lists only",
        "the same",
        "wsdl",
    ),
    Difference(
        "SendSourceDataExtension",
        "must come from its template and have no primary key",
        "each send adds a row; one that is gone or has a primary key refuses with 180015",
        "the same",
        "documented, rows assumed",
    ),
    Difference(
        "ExclusionFilter, ExclusionListCollection, SuppressTracking, SendLimit, send windows of a definition",
        "in use",
        "without effect, with a warning; all but ExclusionListCollection are kept",
        "the same",
        "the emulator's own",
    ),
    Difference(
        "Order of the fields that Retrieve gives",
        "ascending ObjectID, as SQL Server sorts a uniqueidentifier",
        "the same",
        "the same",
        "recorded",
    ),
    Difference(
        "What readers and mail servers do with the profile `typical`",
        "as people and mail servers are",
        "rates for addresses and readers: dead addresses stay dead, full mailboxes are full for a month, six of ten "
        "readers always or never open, and most opens wait for the morning of the reader's time zone",
        "the same",
        "assumed",
    ),
    Difference(
        "Attribute of a triggered send that is no profile attribute",
        "ignored; a column of that name in the send log stays empty",
        "fills the column, with a warning",
        "ignored, with a warning",
        "documented",
    ),
    Difference(
        "Client/ID and ClientIDs of an account that is not the caller's",
        "that account's data for whoever may see it, else an error",
        "`API Permission Failed`; beside the caller's own ID it is left out, with a warning",
        "the same",
        "seen live for the text, its use assumed",
    ),
    Difference(
        "ErrorCodeID in SubscriberFailures",
        "in the newest WSDL and the newest documentation, in no older WSDL: programs built on one stop at it; answers "
        "that show it were put together by clients",
        'there; `schema = "old"` under `[account]` of a seed file leaves it out',
        "the same",
        "wsdl against wsdl",
    ),
    Difference(
        "Filter on what is no column of a data extension",
        "the text of every other object, though a property that is asked for is an invalid column name",
        "`Error: The Filter Property 'x' is not a retrievable property.`",
        "the same",
        "seen live",
    ),
    Difference(
        "Delete of a row whose key stands among the Properties",
        "the form of one SDK; the service finds no keys",
        "310007 `Keys Not Found`",
        "the same",
        "seen live",
    ),
    Difference(
        "Operations on a DataExtensionField itself",
        "`Unable to find a handler for object type: DataExtensionField.` for Delete; nothing of Create and Update",
        "that text and no code for all three; other objects keep the documented code 5",
        "the same",
        "seen live, the other two assumed",
    ),
    Difference(
        "Folder that does not say whether it can be changed and takes children",
        "neither; that a folder that cannot be edited is still changed over SOAP is not recorded",
        "neither; root folders alone refuse changes",
        "the same",
        "documented and seen live, changes assumed",
    ),
    Difference(
        "SendableSubscriberField of a data extension",
        "`Subscriber Key`, `Email Address` and `Subscriber ID` work; a page of the vendor prints `EmailAddress`",
        "these three, with or without the blank; how Subscriber ID is read back (`_SubscriberID`) is assumed",
        "the same",
        "seen live, without the blank documented",
    ),
    Difference(
        "Client.CreatedBy and Client.ModifiedBy",
        "the number of a user",
        "700000000 and the last digits of the account's MID: its one user",
        "the same",
        "recorded, number assumed",
    ),
    Difference(
        "Faults without a security header",
        "a text of their own; the fault code was not found",
        "that text, with the code of Login Failed",
        "the same",
        "seen live, code assumed",
    ),
    Difference(
        "Magic addresses on `mock.test`",
        "the service has none",
        "say what happens to their message",
        "the same",
        "the emulator's own",
    ),
    Difference(
        "Answer to an asynchronous call",
        "`Queued` with RequestID and ConversationID; whether once for the call or for each object was not found",
        "one result for the call, a ResultItem for each object",
        "the same",
        "seen live, the number of results assumed",
    ),
    Difference(
        "`SendResponseTo` with an `http://` address",
        "code 227 for customers since 2020",
        "227, but for loopback addresses: nothing leaves the machine",
        "the same",
        "documented",
    ),
    Difference(
        "Subscribers of business units",
        "an enterprise has one All Subscribers list for all of them",
        "each unit has subscribers of its own",
        "the same",
        "documented, not emulated",
    ),
    Difference(
        "What a business unit does with the shared data extensions of its enterprise",
        "what the permissions of their folder say",
        "reads them, and reads and writes their rows",
        "the same",
        "assumed",
    ),
    Difference(
        "Scopes that an operation on an API object takes",
        "listed for REST; for SOAP nowhere as a whole",
        "the scopes of the family that the object belongs to",
        "the same",
        "names documented, most objects assumed",
    ),
)
"""Other disagreements and silences, and what was chosen."""
