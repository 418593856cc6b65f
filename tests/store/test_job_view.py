"""The data view of jobs, for triggered sends and for sends to lists."""

from __future__ import annotations

from tests.support.messages import struct, write_objects
from tests.support.sending import make_definition, make_list, make_subscriber, send

from sfmc_mock.account.subscribers import join_list
from sfmc_mock.declarations.call import Call
from sfmc_mock.objects import HANDLERS
from sfmc_mock.store.data_views import DATA_VIEWS


def test_jobs_are_called_by_what_made_them(call: Call) -> None:
    news = make_list(call.account, "News")
    join_list(call.account, make_subscriber(call.account, "ada"), news)
    make_definition(call.account)
    send(call.account, "ada@mock.test")
    definition = {
        "CustomerKey": "news",
        "Name": "news",
        "SendClassification": {"CustomerKey": "Default Commercial"},
        "Email": {"CustomerKey": "send-logging-example"},
        "SendDefinitionList": [{"List": {"ID": news}}],
        "DeduplicateByEmail": True,
    }
    write_objects(call, "Create", struct("EmailSendDefinition", definition))
    named = struct("EmailSendDefinition", {"CustomerKey": "news"})
    HANDLERS["EmailSendDefinition"].act(call, "Perform", "start", named)
    described = {
        "Email": {"CustomerKey": "send-logging-example"},
        "List": [{"ID": news}],
        "SendDate": "2026-02-01T00:00:00",
    }
    write_objects(call, "Create", struct("Send", described))

    rows = call.account.db.dictionaries(f"{DATA_VIEWS['_job'].sql} ORDER BY j.id")

    shown = ("JobType", "JobStatus", "EmailSendDefinition", "DeduplicateByEmail", "PickupTime")
    assert [tuple(row[name] for name in shown) for row in rows] == [
        ("Triggered Send", "Complete", None, 0, "2026-01-01T12:00:00.000"),
        ("User Initiated", "Complete", "news", 1, "2026-01-01T12:00:00.000"),
        ("List Send", "Scheduled", None, 0, None),
    ]
