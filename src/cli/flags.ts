import { boolean, choice, duration, ether, insecureUnlock, integer, list, pathPrefix, size, text } from "./kinds.ts";
import { DATADIR_FLAGS } from "./datadir_flags.ts";
import { type Flag, flag } from "./flag.ts";
import { FORK_FLAGS } from "./fork_flags.ts";
import { JWT_FLAGS } from "./jwt_flags.ts";
import { MEMORY_FLAGS } from "./memory_flags.ts";
import { TLS_FLAGS } from "./tls_flags.ts";
import { ACCESS_FLAGS } from "./access_flags.ts";
import { UPSTREAM_FLAGS } from "./upstream_flags.ts";

export { CATEGORIES, type Flag } from "./flag.ts";

const MAX_PORT = 65_535;
const MIB = 2 ** 20;
/** Deno's WebSocket fails on a frame above 64 MiB without a 1009 (measured), so no larger limit could be kept. */
const MAX_MESSAGE_LIMIT_BYTES = 64 * MIB;
const MAX_SEND_BUFFER_LIMIT_BYTES = 1024 * MIB;
const MAX_DEV_ACCOUNTS = 1000;
/** A transaction that carries more would not fit a message of the default size. */
const MAX_CODE_SIZE_LIMIT_BYTES = 4 * MIB;
/** A timer of JavaScript takes at most 2^31 - 1 milliseconds. */
const MAX_PERIOD_SECONDS = 2_147_483;

/** Every flag, in the order of the help text. Parsing, help, environment, README and Config are made from this table. */
export const FLAGS = {
  "ws": flag({ category: "WEBSOCKET", kind: boolean, default: false, help: "Enable the WebSocket endpoint" }),
  "ws.addr": flag({
    category: "WEBSOCKET",
    kind: text("ADDR", "an address or host name of this machine"),
    default: "localhost",
    help: "Listening interface",
  }),
  "ws.port": flag({
    category: "WEBSOCKET",
    kind: integer("PORT", { max: MAX_PORT }),
    default: 8546,
    help: "Listening port; 0 takes any free one",
  }),
  "ws.api": flag({
    category: "WEBSOCKET",
    kind: list("NAMESPACES"),
    default: ["eth", "net", "web3"],
    help: "Namespaces offered, separated by commas; rpc is always there",
  }),
  "ws.origins": flag({
    category: "WEBSOCKET",
    kind: list("ORIGINS"),
    default: [],
    help: "Origins that browsers may connect from, separated by commas; * is any. When empty: " +
      "localhost, 127.0.0.1 and [::1], on any port",
  }),
  "ws.rpcprefix": flag({
    category: "WEBSOCKET",
    kind: pathPrefix,
    default: "",
    help: "Path under which the endpoint answers; when empty, only / does",
  }),
  "ws.max-connections": flag({
    category: "WEBSOCKET",
    kind: integer("COUNT", { min: 1 }),
    default: 10_000,
    help: "Open connections; a further one is answered 503",
  }),
  "ws.max-subscriptions": flag({
    category: "WEBSOCKET",
    kind: integer("COUNT", { min: 1 }),
    default: 1024,
    help: "Subscriptions per connection",
  }),
  "ws.max-inflight": flag({
    category: "WEBSOCKET",
    kind: integer("COUNT", { min: 1 }),
    default: 200,
    help: "Calls of one connection that run at a time; more wait",
  }),
  "ws.max-message": flag({
    category: "WEBSOCKET",
    kind: size({ min: 1024, max: MAX_MESSAGE_LIMIT_BYTES }),
    default: 32 * MIB,
    help: "Largest message taken from a client; a larger one closes its connection with 1009",
  }),
  "ws.send-buffer": flag({
    category: "WEBSOCKET",
    kind: size({ min: 64 * 1024, max: MAX_SEND_BUFFER_LIMIT_BYTES }),
    default: 16 * MIB,
    help: "Bytes kept for a client that reads slowly; with more its connection is closed with 4008",
  }),
  "ws.idle-timeout": flag({
    category: "WEBSOCKET",
    kind: duration,
    default: 30_000,
    help: "Time after which a silent client is given up, having been pinged at half of it; 0 turns both off",
  }),
  "listener": flag({
    category: "WEBSOCKET",
    kind: choice(["deno", "bounded"]),
    default: undefined,
    help: "Server of all ports: deno is Deno.serve, the default; bounded, the default with --tls.cert, also bounds " +
      "handshakes, idle sockets and unfinished messages",
  }),

  "http": flag({ category: "HTTP", kind: boolean, default: false, help: "Enable the HTTP endpoint" }),
  "http.addr": flag({
    category: "HTTP",
    kind: text("ADDR", "an address or host name of this machine"),
    default: "localhost",
    help: "Listening interface",
  }),
  "http.port": flag({
    category: "HTTP",
    kind: integer("PORT", { max: MAX_PORT }),
    default: 8545,
    help: "Listening port; --ws.port's own shares one listener, 0 takes any free one",
  }),
  "http.api": flag({
    category: "HTTP",
    kind: list("NAMESPACES"),
    default: ["eth", "net", "web3"],
    help: "Namespaces offered, separated by commas; rpc is always there",
  }),
  "http.corsdomain": flag({
    category: "HTTP",
    kind: list("ORIGINS"),
    default: [],
    help: "Origins whose pages may read the answers, separated by commas; * is any. When empty, none",
  }),
  "http.vhosts": flag({
    category: "HTTP",
    kind: list("NAMES"),
    default: ["localhost"],
    help: "Host names that requests may name, separated by commas; * is any. Addresses always may",
  }),
  "http.rpcprefix": flag({
    category: "HTTP",
    kind: pathPrefix,
    default: "",
    help: "Path under which the endpoint answers; when empty, only / does",
  }),
  "http.max-requests": flag({
    category: "HTTP",
    kind: integer("COUNT", { min: 1 }),
    default: 1000,
    help: "Requests served at a time; a further one is answered 503",
  }),
  "http.timeout": flag({
    category: "HTTP",
    kind: duration,
    // geth answers 100 ms before its write timeout of 30 s (rpc/http.go `ContextRequestTimeout`).
    default: 29_900,
    help: "Time after which what a request still waits for is answered with -32002; 0 is no limit",
  }),

  ...TLS_FLAGS,
  ...JWT_FLAGS,
  ...ACCESS_FLAGS,

  "rpc.http-body-limit": flag({
    category: "JSON-RPC",
    kind: integer("MIB", { min: 1, max: MAX_MESSAGE_LIMIT_BYTES / MIB }),
    default: 5,
    help: "Largest body of an HTTP request, MiB; a larger one is answered 413",
  }),
  "rpc.batch-request-limit": flag({
    category: "JSON-RPC",
    kind: integer("COUNT"),
    default: 1000,
    help: "Calls in one batch; 0 is no limit",
  }),
  "rpc.batch-response-max-size": flag({
    category: "JSON-RPC",
    kind: integer("BYTES"),
    default: 25_000_000,
    help: "Bytes that the answers of one batch may add up to; 0 is no limit",
  }),
  "rpc.gascap": flag({
    category: "JSON-RPC",
    kind: integer("GAS"),
    default: 50_000_000,
    help: "Gas that eth_call and eth_estimateGas may use; 0 is no limit",
  }),
  "rpc.evmtimeout": flag({
    category: "JSON-RPC",
    kind: duration,
    default: 5000,
    help: "Time that eth_call may take; 0 is no limit",
  }),
  "rpc.allow-unprotected-txs": flag({
    category: "JSON-RPC",
    kind: boolean,
    default: false,
    help: "Take signed transactions without a chain id (EIP-155); always where anvil or hardhat is served",
  }),
  "rpc.txfeecap": flag({
    category: "JSON-RPC",
    kind: ether,
    default: 1_000_000_000_000_000_000n,
    help: "Highest fee, in ether, of a transaction sent through the API; 0 is no limit",
  }),
  "rpc.clientversion": flag({
    category: "JSON-RPC",
    kind: text("TEXT", "a text"),
    default: undefined,
    help: "Answer of web3_clientVersion; by default it names what Hardhat, ape and brownie look for",
  }),
  "rpc.logquerylimit": flag({
    category: "JSON-RPC",
    kind: integer("COUNT"),
    default: 1000,
    help: "Addresses, or topics in one position, that a log query may name; 0 is no limit",
  }),
  "rpc.rangelimit": flag({
    category: "JSON-RPC",
    kind: integer("BLOCKS"),
    default: 0,
    help: "Blocks that a log query may span; 0 is no limit",
  }),
  ...MEMORY_FLAGS,

  "dev": flag({
    category: "CHAIN",
    kind: boolean,
    default: true,
    help: "Serve an embedded chain with funded developer accounts, kept in memory",
  }),
  "dev.period": flag({
    category: "CHAIN",
    kind: integer("SECONDS", { max: MAX_PERIOD_SECONDS }),
    default: 0,
    help: "Seconds between blocks; 0 seals one for each transaction",
  }),
  "dev.gaslimit": flag({
    category: "CHAIN",
    kind: integer("GAS", { min: 5000 }),
    default: 11_500_000,
    help: "Gas limit of the first block",
  }),
  "code-size-limit": flag({
    category: "CHAIN",
    kind: integer("BYTES", { min: 1, max: MAX_CODE_SIZE_LIMIT_BYTES }),
    default: undefined,
    help: "Code that a contract may have, twice as much init code; 24576 (EIP-170) when not given",
  }),
  "miner.gasprice": flag({
    category: "CHAIN",
    kind: integer("WEI"),
    default: undefined,
    help: "Least tip of a pooled transaction; 1 when not given, and 0 where anvil or hardhat is served",
  }),
  "dev.mnemonic": flag({
    category: "CHAIN",
    kind: text("WORDS", "the words of a BIP-39 mnemonic"),
    default: "test test test test test test test test test test test junk",
    secret: true,
    help: "Mnemonic that the developer accounts are derived from",
  }),
  "dev.accounts": flag({
    category: "CHAIN",
    kind: integer("COUNT", { max: MAX_DEV_ACCOUNTS }),
    default: 10,
    help: "Accounts of the mnemonic that are funded, in addition to geth's developer account",
  }),
  "networkid": flag({
    category: "CHAIN",
    kind: integer("ID", { min: 1 }),
    default: undefined,
    help: "What net_version answers; the chain id when not given",
  }),
  "genesis": flag({
    category: "CHAIN",
    kind: text("FILE", "the path of a genesis file"),
    default: undefined,
    help: "Begin with this genesis, in geth's format, instead of the developer one; needs --allow-read for the file",
  }),
  "import": flag({
    category: "CHAIN",
    kind: text("FILE", "the path of a file of RLP blocks"),
    default: undefined,
    help: "Execute these blocks, as geth export writes them, before serving; needs --allow-read for the file",
  }),
  "gcmode": flag({
    category: "CHAIN",
    kind: choice(["archive", "full"]),
    default: "archive",
    help: "Keep the state of every block, or of the last 128",
  }),
  ...DATADIR_FLAGS,

  "keystore": flag({
    category: "ACCOUNTS",
    kind: text("DIR", "the path of a folder"),
    default: undefined,
    help: "Folder of encrypted key files; needs --allow-read and --allow-write for the folder",
  }),
  "unlock": flag({
    category: "ACCOUNTS",
    kind: list("ADDRESSES"),
    default: [],
    help: "Keystore accounts to unlock at the start, separated by commas",
  }),
  "password": flag({
    category: "ACCOUNTS",
    kind: text("FILE", "the path of a file with one password a line"),
    default: undefined,
    help: "Passwords for --unlock, one a line; needs --allow-read for the file",
  }),
  "allow-insecure-unlock": flag({
    category: "ACCOUNTS",
    kind: insecureUnlock,
    default: "off",
    help: "Let keystore accounts be unlocked although they can be reached over the network; " +
      "=public also on a public address with any origin",
  }),
  "lightkdf": flag({
    category: "ACCOUNTS",
    kind: boolean,
    default: false,
    help: "Encrypt new key files with less memory and time, at some cost in strength",
  }),

  ...FORK_FLAGS,
  ...UPSTREAM_FLAGS,

  "sandbox": flag({
    category: "SANDBOX",
    kind: choice(["on", "strict", "off"]),
    default: "on",
    help: "Drop the permissions that are not needed once listening; strict refuses to start with more than needed",
  }),

  "metrics": flag({
    category: "METRICS",
    kind: boolean,
    default: false,
    help: "Count what is served, and show it to Prometheus at /debug/metrics/prometheus",
  }),
  "metrics.addr": flag({
    category: "METRICS",
    kind: text("ADDR", "an address or host name of this machine"),
    default: "localhost",
    help: "Interface of the page",
  }),
  "metrics.port": flag({
    category: "METRICS",
    kind: integer("PORT", { max: MAX_PORT }),
    default: 6060,
    help: "Port of the page; an endpoint's own shares its listener, 0 takes any free one",
  }),

  "verbosity": flag({
    category: "LOGGING",
    kind: integer("LEVEL", { max: 5 }),
    default: 3,
    help: "0=silent, 1=error, 2=warn, 3=info, 4=debug, 5=trace",
  }),
  "log.format": flag({
    category: "LOGGING",
    kind: choice(["terminal", "logfmt", "json"]),
    default: "terminal",
    help: "Form of the log lines on stderr",
  }),

  "help": flag({ category: "MISC", kind: boolean, default: false, letter: "h", help: "Show this text" }),
  "version": flag({ category: "MISC", kind: boolean, default: false, letter: "v", help: "Show the version" }),
} as const;

/**
 * A flag's name as geth spells it, without dashes.
 *
 * @internal
 */
export type FlagName = keyof typeof FLAGS;

/** @internal */
type FlagTable = typeof FLAGS;

/** @internal */
type ValueOf<F> = F extends Flag<infer T, infer D> ? T | D : never;

/** The value of every flag, by its name: what `--help` lists, as booleans, numbers, strings, lists, and wei as a bigint. */
export type Config = { readonly [N in FlagName]: ValueOf<FlagTable[N]> };

/** All rows, for code that treats every flag in the same way. */
export const FLAG_ROWS = Object.entries(FLAGS) as [FlagName, Flag<unknown, unknown>][];

/** Returns the name of the environment variable for a flag. */
export function environmentName(name: FlagName): string {
  return `SALLYPORT_${name.toUpperCase().replaceAll(/[.-]/g, "_")}`;
}
