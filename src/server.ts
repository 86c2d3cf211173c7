/**
 * The composition root: from a Config to a running server. The only file that sees every layer, and the place to look
 * up what is connected to what. It decides nothing that a layer could decide.
 */
import {
  type AccountManager,
  checksummed,
  createAccounts,
  keystoreGrants,
  readPasswords,
  unlockAtStart,
} from "./accounts/mod.ts";
import { createDevChain, DEFAULT_MNEMONIC, type EmbeddedChain } from "./chain/mod.ts";
import { chooseNamespaces, type Config } from "./cli/mod.ts";
import { logger } from "./log.ts";
import { clientVersion, namespaceTables } from "./namespaces/mod.ts";
import { Feed, Filters } from "./pubsub/mod.ts";
import {
  CallLog,
  createDispatcher,
  createRegistry,
  type DispatcherOptions,
  type NamespaceTable,
  openRpcDocument,
  type Registry,
} from "./rpc/mod.ts";
import { randomSubscriptionId } from "./rpc/subscription.ts";
import { drop, type Grant, type Needs, refuseExcess, reportLines } from "./sandbox/mod.ts";
import {
  bindFailure,
  ImportProgress,
  printFirstScreen,
  readInputFiles,
  requireFilePermission,
  requireListenPermission,
} from "./startup/mod.ts";
import { listen, type Listener, originPolicy } from "./transport/mod.ts";

/** How long running calls may take to finish when the server stops. */
const STOP_GRACE_MS = 5_000;
/** geth's --verbosity of debug lines: from here on every served call is told of. */
const DEBUG_VERBOSITY = 4;

/** What the program knows of itself and of how it was started. */
export interface About {
  readonly version: string;
  /** The flags as given, without secrets. */
  readonly flags: readonly string[];
}

/** A server that is listening. */
export interface Server {
  readonly url: string;
  /** Stops accepting, lets running calls finish for a few seconds, and closes every connection. */
  stop(): Promise<void>;
}

/** Starts everything that the Config names; resolves once the endpoint is open and the first screen is printed. */
export async function start(config: Config, about: About): Promise<Server> {
  const needs = needsOf(config, about);
  if (config.sandbox === "strict") refuseExcess(needs);
  requireListenPermission(needs);
  const chain = await openChain(config);
  const accounts = await openAccounts(config, chain);
  const feed = new Feed(chain.events, { log: logger("pubsub") });
  const calls = new CallLog(logger("rpc"), { enabled: config.verbosity >= DEBUG_VERBOSITY });
  const tables = namespaceTables({
    node: chain,
    simulator: chain.simulator,
    tracer: chain.tracer,
    raw: chain.raw,
    builder: chain.builder,
    pool: chain.pool,
    dev: chain.dev,
    accounts,
    feed,
    filters: new Filters(feed, { newId: randomSubscriptionId }),
    logLimits: { maxBlockRange: config["rpc.rangelimit"], maxAlternatives: config["rpc.logquerylimit"] },
    feeCap: config["rpc.txfeecap"],
    clientVersion: clientVersion(about.version),
    logCalls: (enabled) => calls.enable(enabled),
    log: logger("namespaces"),
  });
  const registry = allowedRows(tables, { config, about });
  const listener = await openEndpoint(config, { registry, calls });
  const sandbox = drop(needs, config.sandbox);

  printFirstScreen({
    version: about.version,
    chain: { ...chain.identity, head: await chain.chain.headNumber(), sealing: sealing(config) },
    accounts: chain.accounts.map(({ address }) => checksummed(address)),
    keysOf: config["dev.mnemonic"] === DEFAULT_MNEMONIC
      ? "geth --dev, the test mnemonic"
      : "geth --dev, --dev.mnemonic",
    namespaces: registry.namespaces,
    namespacesOff: namespacesOf(tables).filter((name) => !registry.namespaces.includes(name)),
    origins: originPolicy(config["ws.origins"]).rules,
    sandbox: reportLines(sandbox),
    url: listener.url,
  });
  return {
    url: listener.url,
    async stop() {
      await listener.stop({ graceMs: STOP_GRACE_MS });
      feed.close();
      accounts.close();
      chain.close();
    },
  };
}

function needsOf(config: Config, about: About): Needs {
  const once = [config.genesis, config.import, config.password].filter((path) => path !== undefined);
  return {
    ...bindTarget(config),
    once: once.map((scope): Grant => ({ name: "read", scope })),
    keep: config.keystore === undefined ? [] : keystoreGrants(config.keystore),
    program: "main.ts",
    args: about.flags,
  };
}

function bindTarget(config: Config): { hostname: string; port: number } {
  const addr = config["ws.addr"];
  // As geth does, and so that one permission and one URL name the endpoint.
  return { hostname: addr === "localhost" ? "127.0.0.1" : addr, port: config["ws.port"] };
}

async function openChain(config: Config): Promise<EmbeddedChain> {
  const { genesis, blocks } = await readInputFiles(config);
  const progress = new ImportProgress({ terminal: Deno.stderr.isTerminal() });
  const log = logger("chain");
  try {
    const chain = await createDevChain({
      networkId: config.networkid === undefined ? undefined : BigInt(config.networkid),
      period: config["dev.period"],
      // The genesis file says its own.
      gasLimit: genesis === undefined ? BigInt(config["dev.gaslimit"]) : undefined,
      mnemonic: config["dev.mnemonic"],
      accounts: config["dev.accounts"],
      genesis,
      blocks,
      onImport: (at) => progress.update(at),
      gasCap: BigInt(config["rpc.gascap"]),
      evmTimeoutMs: config["rpc.evmtimeout"],
      gcmode: config.gcmode,
      onError: (error) => log.error("Sealing failed", { error }),
    });
    if (blocks !== undefined) progress.done();
    return chain;
  } catch (error) {
    progress.failed();
    throw error;
  }
}

async function openAccounts(config: Config, chain: EmbeddedChain): Promise<AccountManager> {
  const { keystore: folder, password } = config;
  const log = logger("accounts");
  for (const grant of folder === undefined ? [] : keystoreGrants(folder)) requireFilePermission("keystore", grant);
  if (password !== undefined) requireFilePermission("password", { name: "read", scope: password });
  const passwords = password === undefined ? undefined : await readPasswords(password);
  const accounts = await createAccounts({
    devAccounts: chain.accounts,
    keystore: folder === undefined ? undefined : { folder, light: config.lightkdf },
    exposure: {
      networkEndpoint: config.ws,
      insecureUnlock: config["allow-insecure-unlock"],
      address: config["ws.addr"],
      origins: config["ws.origins"],
    },
    log,
  });
  await unlockAtStart(accounts, { unlock: config.unlock, passwords, log });
  return accounts;
}

function allowedRows(
  tables: readonly NamespaceTable[],
  { config, about }: { config: Config; about: About },
): Registry {
  const { namespaces, warnings } = chooseNamespaces(config["ws.api"], namespacesOf(tables));
  for (const warning of warnings) logger("server").warn(warning);
  return createRegistry(tables, {
    allow: namespaces,
    discover: (registry) => openRpcDocument(registry, { title: "Sallyport", version: about.version }),
  });
}

/** Several tables may be of one namespace. */
function namespacesOf(tables: readonly NamespaceTable[]): readonly string[] {
  return [...new Set(tables.map(({ namespace }) => namespace))];
}

async function openEndpoint(
  config: Config,
  { registry, calls }: { registry: Registry; calls: CallLog },
): Promise<Listener> {
  const { hostname: addr, port } = bindTarget(config);
  const log = logger("rpc");
  const rpc: DispatcherOptions = {
    registry,
    limits: {
      batchItems: config["rpc.batch-request-limit"],
      batchResponseBytes: config["rpc.batch-response-max-size"],
      inflightCalls: config["ws.max-inflight"],
      subscriptions: config["ws.max-subscriptions"],
    },
    log,
    get observe() {
      return calls.observe;
    },
  };
  try {
    return await listen({
      addr,
      port,
      prefix: config["ws.rpcprefix"],
      origins: config["ws.origins"],
      maxConnections: config["ws.max-connections"],
      maxMessageBytes: config["ws.max-message"],
      sendBufferBytes: config["ws.send-buffer"],
      idleTimeoutMs: config["ws.idle-timeout"],
      log: logger("ws"),
    }, (connection) => createDispatcher(connection, rpc));
  } catch (cause) {
    throw bindFailure({ hostname: addr, port }, cause);
  }
}

function sealing(config: Config): string {
  const period = config["dev.period"];
  return period === 0 ? "each transaction" : `every ${period} s`;
}
