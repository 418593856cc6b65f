"""Get an object of each SOAP class of FuelSDK for Python; for some classes also create, update and delete one."""

import json
import os

import FuelSDK

client = FuelSDK.ET_Client(
    params={
        "clientid": os.environ["SFMC_CLIENT_ID"],
        "clientsecret": os.environ["SFMC_CLIENT_SECRET"],
    }
)
# Except campaigns, which use REST, and ET_SubscriberList, a part of a subscriber that cannot be retrieved.
READ = {
    "ET_BounceEvent": ["SendID", "SubscriberKey", "BounceCategory"],
    "ET_ClickEvent": ["SendID", "SubscriberKey", "URL"],
    "ET_ContentArea": ["ID", "Name", "Content"],
    "ET_DataExtension": ["CustomerKey", "Name"],
    "ET_DataExtension_Column": ["CustomerKey", "Name", "FieldType"],
    "ET_Email": ["ID", "Name", "Subject"],
    "ET_Folder": ["ID", "Name", "ContentType"],
    "ET_Group": ["ID", "Name"],
    "ET_List": ["ID", "ListName"],
    "ET_ListSend": ["SendID", "List.ID"],
    "ET_List_Subscriber": ["ListID", "SubscriberKey", "Status"],
    "ET_OpenEvent": ["SendID", "SubscriberKey"],
    "ET_ProfileAttribute": None,
    "ET_Send": ["ID", "Status"],
    "ET_SentEvent": ["SendID", "SubscriberKey"],
    "ET_Subscriber": ["SubscriberKey", "EmailAddress", "Status"],
    "ET_TriggeredSend": ["CustomerKey", "Name", "TriggeredSendStatus"],
    "ET_UnsubEvent": ["SendID", "SubscriberKey"],
}
# Each takes suds as long as a get.
DESCRIBED = ("ET_List", "ET_Subscriber", "ET_SentEvent")
# The others write as these do; suds takes half a second for each call, and cannot write emails at all: the names of
# some of their elements begin with two underscores.
WRITTEN = {
    "ET_DataExtension": ({"CustomerKey": "fuel", "Name": "fuel"}, {"Name": "fuel 2"}),
    "ET_List": (
        {"CustomerKey": "fuel", "ListName": "fuel", "Type": "Private"},
        {"Description": "x"},
    ),
}


def made(name, props=None):
    """Return an object of a class, ready to be called."""
    found = getattr(FuelSDK, name)()
    found.auth_stub = client
    if props is not None:
        found.props = props
    return found


def said(response):
    """Return the status of an answer, or its error."""
    results = response.results if isinstance(response.results, list) else []
    texts = [str(getattr(each, "StatusMessage", "")) for each in results]
    return "OK" if response.status else f"{response.code} {response.message} {texts}"


for name, props in READ.items():
    answers = {}
    if name in DESCRIBED:
        answers["info"] = said(made(name).info())
    response = made(name, props).get()
    answers["get"] = said(response)
    rows = len(response.results or [])
    if name in WRITTEN:
        first, change = WRITTEN[name]
        key = {"CustomerKey": "fuel"}
        new = made(name, first)
        if name == "ET_DataExtension":
            new.columns = [
                {
                    "Name": "Number",
                    "FieldType": "Text",
                    "IsPrimaryKey": "true",
                    "IsRequired": "true",
                    "MaxLength": "50",
                }
            ]
        answers["post"] = said(new.post())
        if name == "ET_List":
            # Its delete only uses the number.
            new_list = made(name, ["ID"])
            new_list.search_filter = {
                "Property": "ListName",
                "SimpleOperator": "equals",
                "Value": "fuel",
            }
            key = {"ID": new_list.get().results[0].ID}
        changed = made(name, {**key, **change})
        if name == "ET_DataExtension":
            changed.columns = [{"Name": "More", "FieldType": "Text", "MaxLength": "50"}]
        answers["patch"] = said(changed.patch())
        answers["delete"] = said(made(name, key).delete())
    print(json.dumps({"name": name, "rows": rows, "answers": answers}))

row = made("ET_DataExtension_Row")
row.CustomerKey = "orders"
answers, rows = {}, 0
for method, props in (
    ("post", {"Number": "7", "Bought": "1/2/2026"}),
    ("patch", {"Number": "7", "Bought": "1/3/2026"}),
    ("get", ["Number", "Bought"]),
    ("delete", {"Number": "7"}),
):
    row.props = props
    response = getattr(row, method)()
    answers[method] = said(response)
    rows = len(response.results or []) if method == "get" else rows
print(json.dumps({"name": "ET_DataExtension_Row", "rows": rows, "answers": answers}))

send = made("ET_TriggeredSend", {"CustomerKey": "welcome"})
send.subscribers = [{"SubscriberKey": "ada", "EmailAddress": "ada@mock.test"}]
print(
    json.dumps({"name": "ET_TriggeredSend.send", "rows": 1, "answers": {"send": said(send.send())}})
)
