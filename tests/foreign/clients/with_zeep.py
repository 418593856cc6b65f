import os

import requests
import zeep
from lxml import etree

environ = os.environ
asked = {
    "grant_type": "client_credentials",
    "client_id": environ["SFMC_CLIENT_ID"],
    "client_secret": environ["SFMC_CLIENT_SECRET"],
}
token = requests.post(environ["SFMC_AUTH_URL"] + "/v2/token", json=asked).json()["access_token"]
client = zeep.Client(environ["SFMC_WSDL_URL"])
fueloauth = etree.Element("{http://exacttarget.com}fueloauth")
fueloauth.text = token
client.set_default_soapheaders([fueloauth])
of = client.type_factory("http://exacttarget.com/wsdl/partnerAPI")
definition = of.TriggeredSendDefinition(CustomerKey="welcome")
ada = of.Subscriber(SubscriberKey="ada", EmailAddress="ada@mock.test")
sent = client.service.Create(
    Options={}, Objects=[of.TriggeredSend(TriggeredSendDefinition=definition, Subscribers=[ada])]
)
found = client.service.Retrieve(
    RetrieveRequest={"ObjectType": "SentEvent", "Properties": ["SubscriberKey", "SendID"]}
)
print(sent.OverallStatus, found.Results[0].SubscriberKey)
