const Client = require("sfmc-fuelsdk-node");

const tenant = process.env.SFMC_TENANT;
const client = new Client(process.env.SFMC_CLIENT_ID, process.env.SFMC_CLIENT_SECRET, null, {
  authOrigin: `https://${tenant}.auth.marketingcloudapis.com/`,
  soapOrigin: `https://${tenant}.soap.marketingcloudapis.com/`,
  origin: `https://${tenant}.rest.marketingcloudapis.com/`,
  authOptions: { authVersion: 2, accountId: process.env.SFMC_ACCOUNT_ID },
});
client.list({ props: ["ID", "ListName"] }).get((failed, found) => {
  if (failed) throw failed;
  console.log(found.body.OverallStatus, found.body.Results[0].ListName);
});
