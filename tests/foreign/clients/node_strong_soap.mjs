import { promisify } from "node:util";
import strongSoap from "strong-soap";

const { soap } = strongSoap;
const xmlns = "http://exacttarget.com/wsdl/partnerAPI";
const client = await promisify(soap.createClient)(process.env.SFMC_WSDL_URL, {});
client.setSecurity(new soap.WSSecurity(process.env.SFMC_USERNAME, process.env.SFMC_PASSWORD, { hasTimeStamp: false }));
const call = (operation, message) => promisify(client[operation])(message);
const sent = await call("Create", {
  CreateRequest: {
    Options: {},
    Objects: {
      $attributes: { $xsiType: { type: "TriggeredSend", xmlns } },
      TriggeredSendDefinition: { $attributes: { xmlns }, CustomerKey: "welcome" },
      Subscribers: [{ $attributes: { xmlns }, SubscriberKey: "ada", EmailAddress: "ada@mock.test" }],
    },
  },
});
const found = await call("Retrieve", {
  RetrieveRequestMsg: { RetrieveRequest: { ObjectType: "SentEvent", Properties: ["SubscriberKey", "SendID"] } },
});
console.log(sent.OverallStatus, found.Results[0].SubscriberKey);
