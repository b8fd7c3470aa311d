// Azurite's table service as a process of the local stack: the contract of local/serving.py, in Node.
//
// Azurite's own command announces "port 0" when asked for a free port, saves its data on SIGINT only
// and outlives whoever started it, so the same server is started here through its class. Telemetry
// belongs to that command and is never switched on here.
"use strict";

const { enableCompileCache } = require("node:module");
const path = require("node:path");
const { parseArgs } = require("node:util");

// It is started many times a day: Node keeps what it has compiled, beside what npm installed.
enableCompileCache(path.join(__dirname, "node_modules", ".cache", "node"));

const TableConfiguration = require("azurite/dist/src/table/TableConfiguration").default;
const TableServer = require("azurite/dist/src/table/TableServer").default;

// The account and key that Microsoft publishes for every storage emulator: not a secret.
const ACCOUNT = "devstoreaccount1";
const KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

// Longer than any client keeps an idle connection, so that no request meets a closing one.
const KEEP_ALIVE_SECONDS = 120;

async function main() {
  const { values } = parseArgs({
    options: { port: { type: "string", default: "0" }, data: { type: "string" } },
  });
  const [debugLog, accessLog, accessLogStream, debugLogFile] = [false, false, undefined, undefined];
  const [loose, skipApiVersionCheck] = [true, true];
  // Certificate, its key and password, OAuth, and whether product-style URLs are switched off.
  const noCertificate = ["", "", "", undefined, false];
  const server = new TableServer(
    new TableConfiguration(
      "127.0.0.1",
      Number(values.port),
      KEEP_ALIVE_SECONDS,
      path.join(values.data ?? "", "tables.json"),
      debugLog,
      accessLog,
      accessLogStream,
      debugLogFile,
      loose,
      skipApiVersionCheck,
      ...noCertificate,
      !values.data,
    ),
  );
  await server.start();

  // Closing writes the data to disk; between writes Azurite saves every five seconds.
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    await server.close();
    process.exit(0);
  };
  process.on("SIGTERM", stop).on("SIGINT", stop);
  if (process.env.SLUICE_LOCAL_SUPERVISED) process.stdin.on("end", stop).on("error", stop).resume();

  const tables = `${server.getHttpServerAddress()}/${ACCOUNT}`;
  const tableConnection =
    `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${KEY};TableEndpoint=${tables};`;
  console.log(JSON.stringify({ ready: true, tables, tableConnection }));
}

main().catch((error) => {
  console.error(`Azurite cannot start: ${error.message}`);
  process.exit(1);
});
