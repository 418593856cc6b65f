// Lets the SOAP object classes of sfmc-fuelsdk-node get, and the ones that can write make, change and delete an object.
const Client = require("sfmc-fuelsdk-node");

const tenant = process.env.SFMC_TENANT;
const client = new Client(process.env.SFMC_CLIENT_ID, process.env.SFMC_CLIENT_SECRET, null, {
  authOrigin: `https://${tenant}.auth.marketingcloudapis.com/`,
  soapOrigin: `https://${tenant}.soap.marketingcloudapis.com/`,
  origin: `https://${tenant}.rest.marketingcloudapis.com/`,
  authOptions: { authVersion: 2, accountId: process.env.SFMC_ACCOUNT_ID },
});

const key = { CustomerKey: "fuel" };
const column = { Name: "Number", FieldType: "Text", IsPrimaryKey: true, IsRequired: true, MaxLength: 50 };
// A class, what it gets, and what it makes, changes and deletes.
const CLASSES = [
  ["bounceEvent", ["SendID", "SubscriberKey"]],
  ["clickEvent", ["SendID", "SubscriberKey", "URL"]],
  ["contentArea", ["ID", "Name"], { ...key, Name: "fuel", Content: "x" }, { ...key, Content: "y" }, key],
  ["dataExtension", ["CustomerKey", "Name"], { ...key, Name: "fuel" }, { ...key, Name: "fuel 2" }, key],
  ["dataExtensionColumn", ["CustomerKey", "Name"]],
  [
    "email",
    ["ID", "Name"],
    { ...key, Name: "fuel", Subject: "x", HTMLBody: "y" },
    { ...key, Subject: "z" },
    key,
  ],
  ["folder", ["ID", "Name"]],
  ["list", ["ID", "ListName"], { ...key, ListName: "fuel", Type: "Private" }, { ...key, Description: "x" }, key],
  ["listSubscriber", ["ListID", "SubscriberKey"]],
  ["openEvent", ["SendID", "SubscriberKey"]],
  ["sentEvent", ["SendID", "SubscriberKey"]],
  [
    "subscriber",
    ["SubscriberKey", "Status"],
    { SubscriberKey: "fuel", EmailAddress: "fuel@mock.test" },
    { SubscriberKey: "fuel", Status: "Unsubscribed" },
    { SubscriberKey: "fuel" },
  ],
  [
    "triggeredSend",
    ["CustomerKey", "Name"],
    { ...key, Name: "fuel", Email: { ID: process.env.EMAIL_ID }, SendClassification: { CustomerKey: "2239" } },
    { ...key, TriggeredSendStatus: "Active" },
    key,
  ],
  ["unsubEvent", ["SendID", "SubscriberKey"]],
];

function answer(object, method) {
  return new Promise((resolve) => {
    object[method]((failed, found) => {
      const body = found?.body ?? failed?.results ?? {};
      const texts = [].concat(body.Results ?? []).map((each) => each.StatusMessage);
      resolve({
        said: failed ? `${failed.message ?? JSON.stringify(failed)} ${texts}` : body.OverallStatus,
        rows: [].concat(body.Results ?? []).length,
        first: [].concat(body.Results ?? [])[0],
      });
    });
  });
}

async function main() {
  const email = await answer(client.email({ props: ["ID"] }), "get");
  CLASSES.find(([name]) => name === "triggeredSend")[2].Email.ID = email.first.ID;
  for (const [name, props, created, changed, removed] of CLASSES) {
    const got = await answer(client[name]({ props }), "get");
    const answers = { get: got.said };
    if (created) {
      const more = name === "dataExtension" ? { columns: [column] } : {};
      answers.post = (await answer(client[name]({ props: created, ...more }), "post")).said;
      answers.patch = (await answer(client[name]({ props: changed, columns: [] }), "patch")).said;
      answers.delete = (await answer(client[name]({ props: removed }), "delete")).said;
    }
    console.log(JSON.stringify({ name, rows: got.rows, answers }));
  }
  const row = { Name: "Orders", CustomerKey: "orders" };
  const rows = (props) => client.dataExtensionRow({ ...row, props });
  const answers = {
    post: (await answer(rows({ Number: "7", Bought: "1/2/2026" }), "post")).said,
    patch: (await answer(rows({ Number: "7", Bought: "1/3/2026" }), "patch")).said,
    get: (await answer(rows(["Number", "Bought"]), "get")).said,
    delete: (await answer(rows({ Number: "7" }), "delete")).said,
  };
  console.log(JSON.stringify({ name: "dataExtensionRow", rows: 3, answers }));
  const send = {
    TriggeredSendDefinition: { CustomerKey: "welcome" },
    Subscribers: { SubscriberKey: "ada", EmailAddress: "ada@mock.test" },
  };
  const sent = await answer(client.triggeredSend({ props: send }), "send");
  console.log(JSON.stringify({ name: "triggeredSend.send", rows: 1, answers: { send: sent.said } }));
}

main();
