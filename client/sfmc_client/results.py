"""Results of an operation: one for each object."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sfmc_client.errors import SfmcError
from sfmc_client.exchanges import Exchange
from sfmc_client.models import APIObject


@dataclass(frozen=True, kw_only=True, slots=True)
class SubscriberFailure:
    """A subscriber to whom a TriggeredSend did not go; `error_code` is a word, the number stands in the description."""

    subscriber: APIObject | None
    error_code: str
    error_description: str
    ordinal: int | None = None

    @classmethod
    def read(cls, failure: APIObject) -> SubscriberFailure:
        """Return what one `SubscriberFailures` element says."""
        return cls(
            subscriber=failure.nested("Subscriber"),
            error_code=failure.text("ErrorCode") or "",
            error_description=failure.text("ErrorDescription") or "",
            ordinal=failure.integer("Ordinal"),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldError:
    """A column of a data extension row that was refused."""

    name: str
    error_code: int | None
    error_message: str

    @classmethod
    def read(cls, error: APIObject) -> FieldError:
        """Return what one `KeyError` or `ValueError` element says."""
        return cls(
            name=error.text("Name") or "",
            error_code=error.integer("ErrorCode"),
            error_message=error.text("ErrorMessage") or "",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What became of one object.

    `ordinal` is its place in the call, counted from 0. `new_id` and `new_object_id` are what the service made up for
    it: most types have one of the two (recorded). `object` is the echo, which some types do not get. A TriggeredSend
    is `ok` as soon as one subscriber is taken (assumed), and `complete` if all were: the others are in
    `subscriber_failures`. `values` are the names and values that Execute answers. `raw` has everything, under the
    service's names.
    """

    status_code: str
    status_message: str = ""
    ordinal: int | None = None
    error_code: int | None = None
    new_id: int | None = None
    new_object_id: str | None = None
    object: APIObject | None = None
    task: APIObject | None = None
    error_message: str | None = None
    subscriber_failures: tuple[SubscriberFailure, ...] = ()
    key_errors: tuple[FieldError, ...] = ()
    value_errors: tuple[FieldError, ...] = ()
    values: dict[str, str | None] = field(default_factory=dict)
    raw: APIObject = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether the service did what it was asked."""
        return self.status_code == "OK"

    @property
    def complete(self) -> bool:
        """Whether it did so for every subscriber of a TriggeredSend, too."""
        return self.ok and not self.subscriber_failures

    @classmethod
    def read(cls, result: APIObject) -> Result:
        """Return what one result element says."""
        return cls(
            status_code=result.text("StatusCode") or "",
            status_message=result.text("StatusMessage") or "",
            ordinal=result.integer("OrdinalID"),
            error_code=result.integer("ErrorCode"),
            # 0 stands for objects that get no number (recorded).
            new_id=result.integer("NewID") or None,
            new_object_id=result.text("NewObjectID") or None,
            object=result.nested("Object"),
            task=result.nested("Task"),
            error_message=result.text("ErrorMessage"),
            subscriber_failures=tuple(
                SubscriberFailure.read(failure) for failure in result.objects("SubscriberFailures")
            ),
            key_errors=tuple(FieldError.read(e) for e in result.objects("KeyErrors.KeyError")),
            value_errors=tuple(
                FieldError.read(e) for e in result.objects("ValueErrors.ValueError")
            ),
            values=result.pairs("Results"),
            raw=result,
        )

    def __str__(self) -> str:
        code = "" if self.error_code is None else f" {self.error_code}"
        return f"{self.status_code}{code}: {self._words()}"

    def _words(self) -> str:
        words = [self.status_message, self.error_message or ""]
        words += [f"{e.name}: {e.error_message}" for e in (*self.key_errors, *self.value_errors)]
        words += [failure.error_description for failure in self.subscriber_failures]
        return " ".join(word for word in words if word) or "(the service gave no message)"


class Results(list[Result]):
    """The results of a call in the order of its objects, with what the service says of the whole."""

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
