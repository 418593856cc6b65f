const FuelSoap = require("fuel-soap");

const client = new FuelSoap({ auth: { clientId: process.env.SFMC_CLIENT_ID, clientSecret: process.env.SFMC_CLIENT_SECRET } });
const send = {
  TriggeredSendDefinition: { CustomerKey: "welcome" },
  Subscribers: { SubscriberKey: "ada", EmailAddress: "ada@mock.test" },
};
client.create("TriggeredSend", send, (refused, sent) => {
  if (refused) throw refused;
  client.retrieve("SentEvent", ["SubscriberKey", "SendID"], (failed, found) => {
    if (failed) throw failed;
    console.log(sent.body.OverallStatus, found.body.Results[0].SubscriberKey);
  });
});
