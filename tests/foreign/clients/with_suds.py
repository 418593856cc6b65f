import os

from suds.client import Client
from suds.wsse import Security, UsernameToken

client = Client(os.environ["SFMC_WSDL_URL"])
security = Security()
security.tokens.append(UsernameToken(os.environ["SFMC_USERNAME"], os.environ["SFMC_PASSWORD"]))
client.set_options(wsse=security)
send = client.factory.create("TriggeredSend")
send.TriggeredSendDefinition = client.factory.create("TriggeredSendDefinition")
send.TriggeredSendDefinition.CustomerKey = "welcome"
ada = client.factory.create("Subscriber")
ada.SubscriberKey, ada.EmailAddress = "ada", "ada@mock.test"
send.Subscribers = [ada]
sent = client.service.Create(None, [send])
request = client.factory.create("RetrieveRequest")
request.ObjectType, request.Properties = "SentEvent", ["SubscriberKey", "SendID"]
found = client.service.Retrieve(request)
print(sent.OverallStatus, found.Results[0].SubscriberKey)
