// Leads a Node program's connections for the emulated hosts to the emulator, which speaks TLS there under their names.
//
// Loaded with --require by `sfmc-mock exec --intercept`: Node before 24 and some of its libraries read no HTTPS_PROXY.
// Only the address of a connection changes; names, certificates and everything above stay the program's own.
"use strict";

const net = require("node:net");

const [host, port, ...patterns] = (process.env.SFMC_MOCK_INTERCEPTED || "").split(" ");

function isIntercepted(name) {
  const wanted = String(name).toLowerCase().replace(/\.$/, "");
  return patterns.some((each) =>
    each.startsWith("*.") ? wanted.endsWith(each.slice(1)) : wanted === each,
  );
}

if (port) {
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function (...given) {
    // Node's own callers pass what it normalized: a list of options and callback; others (options) or (port, host).
    const list = Array.isArray(given[0]) ? given[0] : given;
    const options = list[0];
    if (options !== null && typeof options === "object" && isIntercepted(options.host)) {
      list[0] = { ...options, host, port: Number(port) };
    } else if (typeof list[1] === "string" && isIntercepted(list[1])) {
      list[0] = Number(port);
      list[1] = host;
    }
    return connect.apply(this, given);
  };
}
