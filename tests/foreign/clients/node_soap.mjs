import soap from "soap";

const client = await soap.createClientAsync(process.env.SFMC_WSDL_URL);
client.setSecurity(new soap.WSSecurity(process.env.SFMC_USERNAME, process.env.SFMC_PASSWORD, { hasTimeStamp: false }));
const [sent] = await client.CreateAsync({
  Options: {},
  Objects: {
    attributes: { "xsi:type": "tns:TriggeredSend" },
    TriggeredSendDefinition: { CustomerKey: "welcome" },
    Subscribers: [{ SubscriberKey: "ada", EmailAddress: "ada@mock.test" }],
  },
});
const [found] = await client.RetrieveAsync({
  RetrieveRequest: { ObjectType: "SentEvent", Properties: ["SubscriberKey", "SendID"] },
});
console.log(sent.OverallStatus, found.Results[0].SubscriberKey);
