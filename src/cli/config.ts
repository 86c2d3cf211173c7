import { type Config, environmentName, FLAG_ROWS, type FlagName, FLAGS } from "./flags.ts";
import { guardsOf } from "./guards.ts";
import { type GivenFlags, parseFlags } from "./parse.ts";
import { isLoopback } from "../text/host_port.ts";
import { endpointsOf, listenerOf } from "./endpoints.ts";
import { nearest, quoted, UsageError } from "./usage_error.ts";

/** The result of reading a command line. */
export interface CommandLine {
  readonly config: Config;
  /** Warnings for the user; none of them is an error. */
  readonly warnings: readonly string[];
  /** The values that flags or the environment set, as flags that may be shown: in one form, without secrets. */
  readonly shown: readonly string[];
}

/** Returns a variable of the environment; undefined when it is not set or may not be read. */
export type Environment = (variable: string) => string | undefined;

/** Reads the environment only where that is permitted already, so it never raises a prompt. */
export function permittedEnvironment(variable: string): string | undefined {
  if (Deno.permissions.querySync({ name: "env", variable }).state !== "granted") return undefined;
  return Deno.env.get(variable);
}

/** Reads a command line; it goes before the environment, which goes before the defaults. Throws {@link UsageError}. */
export function readCommandLine(args: readonly string[], environment: Environment): CommandLine {
  const given = parseFlags(args);
  const config: Record<string, unknown> = {};
  const shown: string[] = [];
  for (const [name, row] of FLAG_ROWS) {
    const typed = given.get(name)?.at(-1);
    const variable = environmentName(name);
    // An empty variable is the shell's usual way to unset one.
    const ambient = typed === undefined ? environment(variable) || undefined : undefined;
    const text = typed ?? ambient;
    if (text === undefined) {
      config[name] = row.default;
      continue;
    }
    const value = row.kind.parse(text);
    if (value === undefined) {
      const source = typed === undefined ? `${variable} (the default of --${name})` : `--${name}`;
      throw new UsageError(`${source}: expected ${row.kind.expected}, got ${shownValue(name, quoted(text))}`);
    }
    config[name] = value;
    shown.push(shownFlag(name, text));
  }
  // Each value is its row's default or was read by its row's kind, which is what Config says.
  const typed = config as unknown as Config;
  checkCombinations(typed);
  return { config: typed, warnings: [...repetitions(given), ...ineffective(typed)], shown };
}

/** Throws {@link UsageError} for values that are valid alone but not together. */
export function checkCombinations(config: Config): void {
  if (config.help || config.version || config["auth.newkey"] !== undefined) return;
  if (!config.ws && !config.http) {
    throw new UsageError("nothing to serve: no endpoint is on; start one with --ws or --http");
  }
  const isGateway = config.upstream.length > 0 || config["upstream.config"] !== undefined;
  if (isGateway && (config.genesis !== undefined || config.import !== undefined)) {
    throw new UsageError("--upstream stands in front of real nodes: there is no chain for --genesis and --import");
  }
  const isFork = config["fork.url"].length > 0;
  if (isFork && isGateway) {
    throw new UsageError("--fork.url makes a chain of its own: it cannot stand behind --upstream");
  }
  if (isFork && (config.genesis !== undefined || config.import !== undefined)) {
    throw new UsageError("--fork.url begins at a block of another chain: there is no place for --genesis and --import");
  }
  if (isGateway && config.datadir !== undefined) {
    throw new UsageError("--upstream stands in front of real nodes: there is no chain for --datadir to keep");
  }
  if (config.export !== undefined && config.datadir === undefined && config.import === undefined) {
    throw new UsageError("--export writes the chain of --datadir or --import: a new chain in memory has no blocks yet");
  }
  if (!config.dev && config.genesis === undefined && !isGateway && !isFork) {
    throw new UsageError("--dev=false leaves no chain to serve: name one with --genesis");
  }
  endpointsOf(config);
  checkTls(config);
  checkTokens(config);
  for (const flag of ["ws.api", "http.api"] as const) {
    if (config[flag].length > 0) continue;
    throw new UsageError(`--${flag}: expected at least one namespace, such as eth,net,web3`);
  }
  if (config.unlock.length > 0 && config.keystore === undefined) {
    throw new UsageError("--unlock needs --keystore: without it there is only the chain's own, unlocked accounts");
  }
}

function checkTls(config: Config): void {
  const [cert, key] = [config["tls.cert"], config["tls.key"]];
  if ((cert === undefined) !== (key === undefined)) {
    const [given, missing] = cert === undefined ? ["key", "cert"] : ["cert", "key"];
    throw new UsageError(`--tls.${given} needs --tls.${missing}: a port is encrypted with a certificate and its key`);
  }
  const other = config["tls.reload"] ? "reload" : config["tls.client-ca"] === undefined ? undefined : "client-ca";
  if (cert === undefined && other !== undefined) {
    throw new UsageError(`--tls.${other} needs --tls.cert and --tls.key: without them no port is encrypted`);
  }
  if (config["tls.client-ca"] !== undefined && listenerOf(config) === "deno") {
    throw new UsageError("--tls.client-ca needs --listener bounded: Deno.serve asks no client for a certificate");
  }
}

function checkTokens(config: Config): void {
  const { "auth.jwks": jwks, "auth.issuer": issuer, "auth.audience": audiences } = config;
  if (jwks === undefined) {
    const flag = issuer !== undefined ? "issuer" : audiences.length > 0 ? "audience" : undefined;
    if (flag === undefined) return;
    throw new UsageError(`--auth.${flag} needs --auth.jwks: without keys no token of an issuer can be checked`);
  }
  if (issuer === undefined || audiences.length === 0) {
    throw new UsageError(
      "--auth.jwks needs --auth.issuer and --auth.audience: else a token that the provider gave out for another service " +
        "would do here",
    );
  }
  if (!/^https?:/i.test(jwks)) return;
  const url = URL.parse(jwks);
  if (url !== null && url.username === "" && url.password === "" && url.hostname !== "") return;
  throw new UsageError("--auth.jwks: expected a URL without a user name, or the path of a file");
}

/** Warns of repeated flags: as in geth, the last one counts. */
function repetitions(given: GivenFlags): string[] {
  return [...given].filter(([, texts]) => texts.length > 1).map(([name, texts]) =>
    `--${name} was given ${texts.length} times, and the last one counts: ${
      shownValue(name, quoted(texts.at(-1) ?? ""))
    }`
  );
}

const BURSTS = [["limit.burst", "limit.rps"], ["limit.address-burst", "limit.address-rps"]] as const;

/** The flags that have no effect without another one; geth does not warn of them. */
function ineffective(config: Config): string[] {
  const warnings: string[] = [];
  if (config.password !== undefined && config.unlock.length === 0) {
    warnings.push("--password has no effect without --unlock");
  }
  if (config["fork.url"].length === 0 && (config["fork.block"] !== "latest" || config["fork.header"].length > 0)) {
    warnings.push("--fork.block and --fork.header have no effect without --fork.url");
  }
  for (const [one, other] of [["ws", "http"], ["http", "ws"]] as const) {
    if (config[`${one}.jwtsecret`] === undefined || !config[other] || guardsOf(config, other).length > 0) continue;
    warnings.push(
      `--${one}.jwtsecret does not guard the other endpoint: everybody may use it; see --${other}.jwtsecret`,
    );
  }
  const jwks = URL.parse(config["auth.jwks"] ?? "");
  if (jwks?.protocol === "http:" && !isLoopback(jwks.hostname)) {
    warnings.push("--auth.jwks comes unencrypted: whoever can change it on the way can sign tokens; use https");
  }
  for (const [burst, rate] of BURSTS) {
    if (config[burst] !== undefined && config[rate] === 0) warnings.push(`--${burst} has no effect without --${rate}`);
  }
  if (config.lightkdf && config.keystore === undefined) warnings.push("--lightkdf has no effect without --keystore");
  if (config["datadir.sync"] && config.datadir === undefined) {
    warnings.push("--datadir.sync has no effect without --datadir");
  }
  if (config.cache !== FLAGS.cache.default && config.datadir === undefined) {
    warnings.push("--cache has no effect without --datadir");
  }
  return warnings;
}

function shownFlag(name: FlagName, text: string): string {
  return text === FLAGS[name].kind.bare ? `--${name}` : `--${name}=${shownValue(name, text)}`;
}

function shownValue(name: FlagName, text: string): string {
  return "secret" in FLAGS[name] ? "..." : text;
}

/** geth 1.17's namespaces, and those that older scripts still name: they are not offered, but naming them is no error. */
const GETH_NAMESPACES = [
  "admin",
  "clique",
  "debug",
  "dev",
  "engine",
  "eth",
  "ethash",
  "les",
  "miner",
  "net",
  "personal",
  "rpc",
  "shh",
  "testing",
  "txpool",
  "web3",
];

/** The namespaces of `--ws.api` or `--http.api` that this server has, and the warnings about the others. */
export interface NamespaceChoice {
  readonly namespaces: readonly string[];
  readonly warnings: readonly string[];
}

/** Compares the words of such a flag with the namespaces that exist. Throws {@link UsageError} for an unknown word. */
export function chooseNamespaces(
  wanted: readonly string[],
  available: readonly string[],
  { flag = "ws.api" }: { flag?: "ws.api" | "http.api" } = {},
): NamespaceChoice {
  const namespaces: string[] = [];
  const missing: string[] = [];
  for (const word of new Set(wanted)) {
    if (available.includes(word)) namespaces.push(word);
    // `rpc` is always on, so naming it is harmless (geth's RegisterApis).
    else if (GETH_NAMESPACES.includes(word)) word === "rpc" || missing.push(word);
    else {
      const near = nearest(word, available);
      const hint = near === undefined ? `expected some of ${available.join(",")}` : `did you mean ${near}?`;
      throw new UsageError(`--${flag}: unknown namespace ${quoted(word)}: ${hint}`);
    }
  }
  if (namespaces.length === 0 && !wanted.includes("rpc")) {
    throw new UsageError(`--${flag}: none of ${missing.join(",")} is offered: expected some of ${available.join(",")}`);
  }
  const warnings = missing.map((word) =>
    `--${flag} names ${word}, a namespace of geth's that this server does not have`
  );
  return { namespaces, warnings };
}
