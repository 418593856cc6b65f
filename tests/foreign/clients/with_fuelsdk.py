import os

import FuelSDK

client = FuelSDK.ET_Client(
    params={
        "clientid": os.environ["SFMC_CLIENT_ID"],
        "clientsecret": os.environ["SFMC_CLIENT_SECRET"],
    }
)
send = FuelSDK.ET_TriggeredSend()
send.auth_stub = client
send.props = {"CustomerKey": "welcome"}
send.subscribers = [{"SubscriberKey": "ada", "EmailAddress": "ada@mock.test"}]
sent = send.send()
events = FuelSDK.ET_SentEvent()
events.auth_stub = client
events.props = ["SubscriberKey", "SendID"]
print(sent.message, events.get().results[0].SubscriberKey)
