import SDK from "sfmc-sdk";

const sfmc = new SDK({
  client_id: process.env.SFMC_CLIENT_ID,
  client_secret: process.env.SFMC_CLIENT_SECRET,
  auth_url: `https://${process.env.SFMC_TENANT}.auth.marketingcloudapis.com/`,
  account_id: process.env.SFMC_ACCOUNT_ID,
});
const sent = await sfmc.soap.create("TriggeredSend", {
  TriggeredSendDefinition: { CustomerKey: "welcome" },
  Subscribers: { SubscriberKey: "ada", EmailAddress: "ada@mock.test" },
});
const found = await sfmc.soap.retrieve("SentEvent", ["SubscriberKey", "SendID"]);
console.log(sent.OverallStatus, found.Results[0].SubscriberKey);
