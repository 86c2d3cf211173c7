import { assert, assertEquals, assertThrows } from "@std/assert";
import { ANVIL_FLAGS } from "../../src/cli/anvil_flags.ts";
import { FLAG_ROWS } from "../../src/cli/flags.ts";
import { GETH_COMMANDS } from "../../src/cli/geth_commands.ts";
import { GETH_FLAGS } from "../../src/cli/geth_flags.ts";
import { GETH_OLD_FLAGS } from "../../src/cli/geth_old_flags.ts";
import { UsageError } from "../../src/cli/mod.ts";
import { parseFlags } from "../../src/cli/parse.ts";

const OUR_FLAGS = FLAG_ROWS.map(([name]): string => name);
const TABLES = { GETH_FLAGS, GETH_OLD_FLAGS, ANVIL_FLAGS };

function refusal(...args: string[]): string {
  return assertThrows(() => parseFlags(args), UsageError).message;
}

Deno.test("A flag of geth's gets one line: what it is there, and what to do here", () => {
  const lines: [args: string[], line: string][] = [
    [
      ["--datadir.era", "x"],
      "--datadir.era (geth: folder of the era files): leave it out, all blocks are in one file of --datadir",
    ],
    [
      ["--mainnet"],
      "--mainnet (geth: the main network): no public network is served; " +
      "give a chain of your own by --genesis",
    ],
    [
      ["--authrpc.jwtsecret=f"],
      "--authrpc.jwtsecret (geth: secret of the engine API): " +
      "use --ws.jwtsecret or --http.jwtsecret: there is no engine API",
    ],
    [["--log.json"], "--log.json (geth: log lines as JSON): use --log.format json"],
    [["--rpcport", "1"], "--rpcport (geth: old name of --http.port): use --http.port"],
    [["-rpc"], "--rpc (geth: old name of --http): use --http"],
    [
      ["--rpc.enabledeprecatedpersonal"],
      "--rpc.enabledeprecatedpersonal (geth: the namespace personal): " +
      "use --ws.api eth,net,web3,personal",
    ],
    [["--block-time", "2"], "--block-time (anvil: seconds between blocks): use --dev.period"],
  ];
  for (const [args, line] of lines) assertEquals(refusal("--ws", ...args), line);
});

Deno.test("A flag of geth's is not taken for another one that is spelt alike", () => {
  assertEquals(
    refusal("--port", "30303"),
    "--port (geth: port for peers): there are no peers; the endpoints are at --ws.port and --http.port",
  );
  assertEquals(
    refusal("--usb"),
    "--usb (geth: hardware wallets): no hardware wallets are used; keys are in --keystore",
  );
  assertEquals(
    refusal("--era.format", "ere"),
    "--era.format (geth: format of era files): leave it out, no era files are written",
  );
});

Deno.test("Every argument that cannot be used is named at once, and no value is taken for one", () => {
  assertEquals(
    refusal(
      "--dev",
      "--db.engine",
      "pebble",
      "--nodiscover",
      "--ws.prot=1",
      "--maxpeers",
      "0",
      "--ws",
      "--odd",
      "1",
      "--ws.port",
    ),
    [
      "6 arguments cannot be used:",
      "  --db.engine (geth: kind of its database): leave it out, --datadir is SQLite",
      "  --nodiscover (geth: no search for peers): leave it out, this server has no peers",
      "  unknown flag --ws.prot: did you mean --ws.port?",
      "  --maxpeers (geth: number of peers): leave it out, this server has no peers",
      "  unknown flag --odd: --help lists every flag",
      "  --ws.port needs a value: expected a whole number from 0 to 65535",
    ].join("\n"),
  );
});

Deno.test("A word behind a switch of geth's is an argument of its own", () => {
  assertEquals(
    refusal("--nodiscover", "stray"),
    [
      "2 arguments cannot be used:",
      "  --nodiscover (geth: no search for peers): leave it out, this server has no peers",
      '  unexpected argument "stray": expected only flags, and --help lists them',
    ].join("\n"),
  );
});

Deno.test("A command of geth's says what does its work here", () => {
  assertEquals(
    refusal("init", "genesis.json", "--datadir", "d"),
    "init (a command of geth): use --genesis FILE on every start, with --datadir too",
  );
  assertEquals(refusal("version"), "version (a command of geth): use --version");
  assertEquals(
    refusal("account", "new"),
    "account (a command of geth): use the methods personal_newAccount, personal_listAccounts and " +
      "personal_importRawKey, with --keystore",
  );
  assertEquals(
    refusal("attach", "http://127.0.0.1:8545"),
    "attach (a command of geth): use geth attach with the address of --ws, as in geth attach ws://127.0.0.1:8546",
  );
});

for (const [title, table] of Object.entries(TABLES)) {
  Deno.test(`${title} names no flag that this server has, and advises only such`, () => {
    const others = Object.entries(TABLES).filter(([other]) => other !== title).map(([, table]) => table);
    for (const [name, { meaning, advice }] of table) {
      assert(!OUR_FLAGS.includes(name), `--${name} is a flag of this server: remove its row`);
      assertEquals(others.filter((other) => other.has(name)).length, 0, `--${name} stands in two tables`);
      assert(!/[\n:]/.test(meaning), `--${name}: ${meaning}`);
      for (const [, advised = ""] of advice.matchAll(/(?<!deno run has )--([a-z][\w.-]*)/g)) {
        assert(OUR_FLAGS.includes(advised) || isOfAnotherProgram(advised), `--${name} advises --${advised}`);
      }
    }
  });
}

/** Flags that the advice names for geth's console and for Deno. */
function isOfAnotherProgram(flag: string): boolean {
  return ["exec", "preload", "jspath", "header", "allow-env", "cpu-prof", "inspect", "v8-flags", "max-old-space-size"]
    .includes(flag);
}

Deno.test("The advice for geth's commands names only flags that exist", () => {
  for (const [command, advice] of GETH_COMMANDS) {
    for (const [, advised = ""] of advice.matchAll(/--([a-z][\w.-]*)/g)) {
      assert([...OUR_FLAGS, "exec"].includes(advised), `${command} advises --${advised}`);
    }
  }
});
