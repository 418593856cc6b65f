// Lets mcdev retrieve types, and prints how many of each it got and what it said of SOAP, as JSON.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const mid = Number(process.env.SFMC_MID);
const read = (name) => JSON.parse(readFileSync(`node_modules/mcdev/${name}`, "utf8"));
const settings = read("boilerplate/config.json");
settings.version = read("package.json").version;
settings.credentials = { mock: { eid: mid, businessUnits: { _ParentBU_: mid } } };
settings.options.formatOnSave = false;
// Its pages about users and roles are made of what REST says of them.
settings.metaDataTypes.documentOnRetrieve = ["dataExtension"];
writeFileSync(".mcdevrc.json", JSON.stringify(settings));
writeFileSync(
  ".mcdev-auth.json",
  JSON.stringify({
    mock: {
      client_id: process.env.SFMC_CLIENT_ID,
      client_secret: process.env.SFMC_CLIENT_SECRET,
      auth_url: `https://${process.env.SFMC_TENANT}.auth.marketingcloudapis.com/`,
      account_id: mid,
    },
  }),
);

// What it says of a REST address that answers 404: an error of two lines, the second one with the address.
const REST = / failed: Nothing is emulated at .* \(404\)$/;
const ADDRESS = /endpoint: https:\/\/[^ ]*\.rest\./;

const ran = spawnSync(
  process.execPath,
  ["node_modules/mcdev/lib/cli.js", "retrieve", "mock/_ParentBU_", process.argv.slice(2).join(","), "--skipInteraction", "--no-format"],
  { encoding: "utf8", timeout: 120_000 },
);
// eslint-disable-next-line no-control-regex
const lines = (ran.stdout + ran.stderr).replaceAll(/\x1b\[\d+m/g, "").split("\n");
const found = lines.map((line) => /Downloaded: (\w+) \((\d+)\)/.exec(line)).filter(Boolean);
const errors = lines.filter((line) => /\berror\b|at .*\.js:/.test(line) && !REST.test(line) && !ADDRESS.test(line));
console.log(JSON.stringify({ counts: Object.fromEntries(found.map((each) => [each[1], Number(each[2])])), errors }));
