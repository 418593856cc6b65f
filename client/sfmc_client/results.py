"""Results of an operation: one for each object."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sfmc_client.answer_fields import Answered, integer, nested, of, whole, words
from sfmc_client.errors import SfmcError
from sfmc_client.exchanges import Exchange
from sfmc_client.models import APIObject


@dataclass(frozen=True, kw_only=True, slots=True)
class SubscriberFailure(Answered):
    """A subscriber whom a TriggeredSend refused; `error_code` is a word, the description has the number."""

    subscriber: APIObject | None = field(metadata=of("Subscriber", nested))
    error_code: str = field(metadata=of("ErrorCode", words))
    error_description: str = field(metadata=of("ErrorDescription", words))
    ordinal: int | None = field(default=None, metadata=of("Ordinal", integer))


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldError(Answered):
    """A column of a data extension row that was refused."""

    name: str = field(metadata=of("Name", words))
    error_code: int | None = field(metadata=of("ErrorCode", integer))
    error_message: str = field(metadata=of("ErrorMessage", words))


def _number(result: APIObject, name: str) -> int | None:
    # 0 stands for objects that get no number (recorded).
    return result.integer(name) or None


def _given(result: APIObject, name: str) -> str | None:
    return result.text(name) or None


_FAILURES = of("SubscriberFailures", SubscriberFailure.each)
_KEY_ERRORS = of("KeyErrors.KeyError", FieldError.each)
_VALUE_ERRORS = of("ValueErrors.ValueError", FieldError.each)


@dataclass(frozen=True, kw_only=True, slots=True)
class Result(Answered):
    """The result of one object.

    `ordinal` is its place in the call, counted from 0. `new_id` and `new_object_id` are the IDs that the service gave
    it: most types have one of the two (recorded). `object` is the echo, which some types do not get. A TriggeredSend
    is `ok` when at least one subscriber is accepted (assumed), and `complete` when all are: the others are in
    `subscriber_failures`. `values` are the names and values in an answer of Execute. `raw` has all values, by the
    service's names.
    """

    status_code: str = field(metadata=of("StatusCode", words))
    status_message: str = field(default="", metadata=of("StatusMessage", words))
    ordinal: int | None = field(default=None, metadata=of("OrdinalID", integer))
    error_code: int | None = field(default=None, metadata=of("ErrorCode", integer))
    new_id: int | None = field(default=None, metadata=of("NewID", _number))
    new_object_id: str | None = field(default=None, metadata=of("NewObjectID", _given))
    object: APIObject | None = field(default=None, metadata=of("Object", nested))
    task: APIObject | None = field(default=None, metadata=of("Task", nested))
    error_message: str | None = field(default=None, metadata=of("ErrorMessage"))
    subscriber_failures: tuple[SubscriberFailure, ...] = field(default=(), metadata=_FAILURES)
    key_errors: tuple[FieldError, ...] = field(default=(), metadata=_KEY_ERRORS)
    value_errors: tuple[FieldError, ...] = field(default=(), metadata=_VALUE_ERRORS)
    values: dict[str, str | None] = field(
        default_factory=dict, metadata=of("Results", APIObject.pairs)
    )
    raw: APIObject = field(repr=False, metadata=of("", whole))

    @property
    def ok(self) -> bool:
        """Whether the service accepted the object."""
        return self.status_code == "OK"

    @property
    def complete(self) -> bool:
        """Whether the service also accepted every subscriber of a TriggeredSend."""
        return self.ok and not self.subscriber_failures

    def __str__(self) -> str:
        code = "" if self.error_code is None else f" {self.error_code}"
        return f"{self.status_code}{code}: {self._words()}"

    def _words(self) -> str:
        words = [self.status_message, self.error_message or ""]
        words += [f"{e.name}: {e.error_message}" for e in (*self.key_errors, *self.value_errors)]
        words += [failure.error_description for failure in self.subscriber_failures]
        return " ".join(word for word in words if word) or "(the service gave no message)"


class Results(list[Result]):
    """The results of a call in the order of its objects, with the overall status."""

    def __init__(
        self,
        results: Iterable[Result] = (),
        *,
        overall_status: str = "OK",
        overall_status_message: str = "",
        request_id: str | None = None,
        exchange: Exchange | None = None,
    ) -> None:
        super().__init__(results)
        self.overall_status = overall_status
        self.overall_status_message = overall_status_message
        self.request_id = request_id
        self.exchange = exchange


class OperationFailed(SfmcError):
    """Every object was refused; `results` has one entry for each, in the order sent."""

    def __init__(self, text: str, *, results: Results) -> None:
        super().__init__(text)
        self.results = results

    @property
    def failed(self) -> list[Result]:
        """The results of the objects that were refused, wholly or in part."""
        return [result for result in self.results if not result.complete]


class PartialFailure(OperationFailed):
    """Some objects, or subscribers of a TriggeredSend, were refused and the others are done: look at `results`."""
