import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { chooseNamespaces, listenerOf, permittedEnvironment, readCommandLine, UsageError } from "../../src/cli/mod.ts";

const noEnvironment = () => undefined;

function refusal(args: string[], environment: Record<string, string> = {}): string {
  return assertThrows(() => readCommandLine(args, (name) => environment[name]), UsageError).message;
}

Deno.test("readCommandLine gives geth's defaults", () => {
  const { config, warnings } = readCommandLine(["--ws"], noEnvironment);
  assertEquals(config["ws.addr"], "localhost");
  assertEquals(config["ws.port"], 8546);
  assertEquals(config["ws.api"], ["eth", "net", "web3"]);
  assertEquals(config["ws.origins"], []);
  assertEquals(config["rpc.batch-request-limit"], 1000);
  assertEquals(config["rpc.batch-response-max-size"], 25_000_000);
  assertEquals(config["rpc.gascap"], 50_000_000);
  assertEquals(config["rpc.evmtimeout"], 5000);
  assertEquals(config["rpc.logquerylimit"], 1000);
  assertEquals(config["rpc.rangelimit"], 0);
  assertEquals(config["rpc.txfeecap"], 10n ** 18n);
  assertEquals(config.dev, true);
  assertEquals(config.networkid, undefined);
  assertEquals(config["allow-insecure-unlock"], "off");
  assertEquals(warnings, []);
});

Deno.test("readCommandLine puts the command line over the environment over the default", () => {
  const environment = (name: string) => ({ SALLYPORT_WS_PORT: "1000", SALLYPORT_WS_MAX_MESSAGE: "1MiB" })[name];
  const { config } = readCommandLine(["--ws", "--ws.port", "2000"], environment);
  assertEquals(config["ws.port"], 2000);
  assertEquals(config["ws.max-message"], 2 ** 20);
  assertEquals(config["ws.addr"], "localhost");
});

Deno.test("readCommandLine takes an empty variable for an unset one and names a bad one", () => {
  assertEquals(readCommandLine(["--ws"], () => "").config["ws.port"], 8546);
  assertEquals(
    refusal(["--ws"], { SALLYPORT_WS_PORT: "x" }),
    'SALLYPORT_WS_PORT (the default of --ws.port): expected a whole number from 0 to 65535, got "x"',
  );
});

Deno.test("readCommandLine names the flag, what it expects and what it got", () => {
  assertEquals(
    refusal(["--ws", "--ws.port", "70000"]),
    '--ws.port: expected a whole number from 0 to 65535, got "70000"',
  );
  assertEquals(
    refusal(["--ws", "--log.format=xml"]),
    '--log.format: expected one of terminal, logfmt, json, got "xml"',
  );
  assertEquals(
    refusal(["--ws", "--rpc.evmtimeout=5"]),
    '--rpc.evmtimeout: expected a duration such as 5s, 1m30s or 500ms, got "5"',
  );
});

Deno.test("readCommandLine wants a certificate together with its key, and what needs them with both", () => {
  const cases: [string[], string][] = [
    [["--tls.cert=c"], "--tls.cert needs --tls.key: a port is encrypted with a certificate and its key"],
    [["--tls.key=k"], "--tls.key needs --tls.cert: a port is encrypted with a certificate and its key"],
    [["--tls.reload"], "--tls.reload needs --tls.cert and --tls.key: without them no port is encrypted"],
    [["--tls.client-ca=a"], "--tls.client-ca needs --tls.cert and --tls.key: without them no port is encrypted"],
    [
      ["--tls.cert=c", "--tls.key=k", "--tls.client-ca=a", "--listener=deno"],
      "--tls.client-ca needs --listener bounded: Deno.serve asks no client for a certificate",
    ],
  ];
  for (const [flags, message] of cases) assertEquals(refusal(["--ws", ...flags]), message);
});

Deno.test("readCommandLine wants to know whose tokens they are, and warns of an endpoint that stays open", () => {
  const service = "--auth.jwks needs --auth.issuer and --auth.audience: else a token that the provider gave out for " +
    "another service would do here";
  const cases: [string[], string][] = [
    [["--auth.jwks=k"], service],
    [["--auth.jwks=k", "--auth.issuer=i"], service],
    [["--auth.issuer=i"], "--auth.issuer needs --auth.jwks: without keys no token of an issuer can be checked"],
    [["--auth.audience=a"], "--auth.audience needs --auth.jwks: without keys no token of an issuer can be checked"],
    [
      ["--auth.jwks=https://me:pw@id.example.org/", "--auth.issuer=i", "--auth.audience=a"],
      "--auth.jwks: expected a URL without a user name, or the path of a file",
    ],
  ];
  for (const [flags, message] of cases) assertEquals(refusal(["--ws", ...flags]), message);
  const warnings = (flags: string[]) => readCommandLine(["--ws", ...flags], noEnvironment).warnings;
  assertEquals(warnings(["--ws.jwtsecret=s"]), []);
  assertEquals(warnings(["--http", "--ws.jwtsecret=s"]), [
    "--ws.jwtsecret does not guard the other endpoint: everybody may use it; see --http.jwtsecret",
  ]);
  assertEquals(warnings(["--auth.jwks=http://id.example.org/", "--auth.issuer=i", "--auth.audience=a"]), [
    "--auth.jwks comes unencrypted: whoever can change it on the way can sign tokens; use https",
  ]);
});

Deno.test("The bounded listener is the default where ports are encrypted, and only there", () => {
  const listener = (flags: string[]) => listenerOf(readCommandLine(["--ws", ...flags], noEnvironment).config);
  const tls = ["--tls.cert=c", "--tls.key=k"];
  assertEquals([listener([]), listener(tls)], ["deno", "bounded"]);
  assertEquals([listener(["--listener=bounded"]), listener([...tls, "--listener=deno"])], ["bounded", "deno"]);
});

Deno.test("readCommandLine keeps an error on one line of bounded length whatever was typed", () => {
  const message = refusal(["--ws", "--ws.port", `\n\x1b]0;x\x07${"9".repeat(10_000)}`]);
  assertEquals(/^[\x20-\x7e]*$/.test(message), true);
  assertEquals(message.length < 200, true);
});

Deno.test("readCommandLine says how to serve something when nothing would be", () => {
  assertStringIncludes(refusal([]), "start one with --ws or --http");
  assertStringIncludes(refusal(["--ws=false"]), "start one with --ws or --http");
  assertStringIncludes(refusal(["--ws", "--dev=false"]), "--genesis");
});

Deno.test("readCommandLine refuses a fork beside another chain, and says when its flags have no effect", () => {
  const fork = ["--ws", "--fork.url", "ws://127.0.0.1:1"];
  assertStringIncludes(refusal([...fork, "--upstream", "ws://127.0.0.1:2"]), "it cannot stand behind --upstream");
  assertStringIncludes(refusal([...fork, "--genesis", "g.json"]), "there is no place for --genesis");
  assertStringIncludes(refusal([...fork, "--fork.block", "soon"]), "--fork.block: expected a block's number");
  const { config, shown } = readCommandLine([...fork, "--fork.block=finalized"], noEnvironment);
  assertEquals([config["fork.block"], shown.includes("--fork.url=...")], ["finalized", true]);
  assertEquals(readCommandLine(["--ws", "--fork.block", "5"], noEnvironment).warnings, [
    "--fork.block and --fork.header have no effect without --fork.url",
  ]);
});

Deno.test("readCommandLine refuses an empty --ws.api, and --unlock without a keystore", () => {
  assertEquals(refusal(["--ws", "--ws.api", ""]), "--ws.api: expected at least one namespace, such as eth,net,web3");
  assertEquals(refusal(["--ws", "--ws.api=, "]), "--ws.api: expected at least one namespace, such as eth,net,web3");
  assertStringIncludes(refusal(["--ws", "--unlock", "0x00"]), "--unlock needs --keystore");
});

Deno.test("readCommandLine asks for nothing else when help or version is asked for", () => {
  assertEquals(readCommandLine(["--help"], noEnvironment).config.help, true);
  assertEquals(readCommandLine(["-v"], noEnvironment).config.version, true);
});

Deno.test("readCommandLine shows settings of the environment as flags, so that the flags alone say the same", () => {
  const variables: Record<string, string> = {
    SALLYPORT_WS: "true",
    SALLYPORT_WS_PORT: "3334",
    SALLYPORT_WS_API: "eth,debug",
    SALLYPORT_DEV_MNEMONIC: "secret words",
    SALLYPORT_VERBOSITY: "4",
  };
  const { config, shown } = readCommandLine(["--verbosity=2", "--ws.origins=*"], (name) => variables[name]);
  assertEquals(shown, [
    ...["--ws", "--ws.port=3334", "--ws.api=eth,debug", "--ws.origins=*", "--dev.mnemonic=...", "--verbosity=2"],
  ]);
  const again = readCommandLine(shown, noEnvironment);
  assertEquals(again.config, { ...config, "dev.mnemonic": "..." });
  assertEquals(again.shown, shown);
});

Deno.test("readCommandLine warns of flags that do nothing without another one", () => {
  const { warnings } = readCommandLine(["--ws", "--password=/p", "--lightkdf"], noEnvironment);
  assertEquals(warnings, ["--password has no effect without --unlock", "--lightkdf has no effect without --keystore"]);
  const together = ["--ws", "--password=/p", "--lightkdf", "--unlock=0x00", "--keystore=/k"];
  assertEquals(readCommandLine(together, noEnvironment).warnings, []);
});

Deno.test("readCommandLine lets the last of a repeated flag win and says so, without showing a mnemonic", () => {
  const { config, warnings } = readCommandLine(
    ["--ws", "--ws.port=1", "--ws.port=2", "--dev.mnemonic=a", "--dev.mnemonic=secret words"],
    noEnvironment,
  );
  assertEquals(config["ws.port"], 2);
  assertEquals(warnings, [
    '--ws.port was given 2 times, and the last one counts: "2"',
    "--dev.mnemonic was given 2 times, and the last one counts: ...",
  ]);
});

Deno.test({
  name: "permittedEnvironment reads nothing where reading is not permitted already",
  permissions: { env: false },
  fn() {
    assertEquals(permittedEnvironment("PATH"), undefined);
  },
});

Deno.test({
  name: "permittedEnvironment reads a single permitted variable",
  permissions: { env: ["HOME"] },
  fn() {
    assertEquals(permittedEnvironment("HOME"), Deno.env.get("HOME"));
    assertEquals(permittedEnvironment("PATH"), undefined);
  },
});

const AVAILABLE = ["eth", "net", "rpc", "web3"];

Deno.test("chooseNamespaces keeps the order given and drops repetitions", () => {
  assertEquals(chooseNamespaces(["net", "eth", "net"], AVAILABLE), { namespaces: ["net", "eth"], warnings: [] });
});

Deno.test("chooseNamespaces leaves out geth's other namespaces with a warning", () => {
  assertEquals(chooseNamespaces(["eth", "admin", "les"], AVAILABLE), {
    namespaces: ["eth"],
    warnings: [
      "--ws.api names admin, a namespace of geth's that this server does not have",
      "--ws.api names les, a namespace of geth's that this server does not have",
    ],
  });
});

Deno.test("chooseNamespaces refuses a word nobody knows, with the nearest name", () => {
  const refusal = (...words: string[]) => assertThrows(() => chooseNamespaces(words, AVAILABLE), UsageError).message;
  assertEquals(refusal("eth", "wbe3"), '--ws.api: unknown namespace "wbe3": did you mean web3?');
  assertEquals(refusal("ETH"), '--ws.api: unknown namespace "ETH": did you mean eth?');
  assertEquals(refusal("everything"), '--ws.api: unknown namespace "everything": expected some of eth,net,rpc,web3');
});

Deno.test("chooseNamespaces refuses a list of which nothing is left, and accepts rpc alone", () => {
  const error = assertThrows(() => chooseNamespaces(["admin"], AVAILABLE), UsageError);
  assertEquals(error.message, "--ws.api: none of admin is offered: expected some of eth,net,rpc,web3");
  assertEquals(chooseNamespaces(["rpc"], ["eth"]), { namespaces: [], warnings: [] });
});
