/**
 * A service is everything behind the endpoints: the node, the accounts, the stream of events, and the tables of methods.
 * It binds no port; `endpoints.ts` makes it reachable.
 */
import type { FactDatabase } from "../fork/facts/fact_database.ts";
import { type AccountManager, createAccounts, type DevAccount, type Exposure, unlockAtStart } from "../accounts/mod.ts";
import {
  createDevChain,
  damaged,
  diskFault,
  type EmbeddedChain,
  ExportError,
  GenesisError,
  ImportError,
  JournalError,
  MnemonicError,
} from "../chain/mod.ts";
import { chooseNamespaces, type Config, guardsOf, UsageError } from "../cli/mod.ts";
import { logger } from "./log.ts";
import { clientVersion, namespaceTables, passThroughOf, passThroughSubscriptionOf } from "../namespaces/mod.ts";
import type { Node } from "../node/mod.ts";
import { Feed, Filters } from "../pubsub/mod.ts";
import {
  CallLog,
  createRegistry,
  type NamespaceTable,
  openRpcDocument,
  type Registry,
  type Rights,
} from "../rpc/mod.ts";
import { randomSubscriptionId } from "../rpc/subscription.ts";
import type { Fork, ForkNode } from "../fork/mod.ts";
import { chainFlags } from "./chain_flags.ts";
import { openUpstreams, type Upstreams } from "./upstreams.ts";
import type { UpstreamNode, UpstreamSpec } from "../upstream/mod.ts";
import {
  describedFork,
  describedUpstreams,
  fileFault,
  ImportProgress,
  type InputFiles,
  StartError,
} from "./startup/mod.ts";

/** geth's --verbosity of debug lines, from which on each served call has a line. */
const DEBUG_VERBOSITY = 4;

export interface ServiceOptions {
  readonly version: string;
  /** The contents of the files that the Config names; `readInputFiles` gives them. */
  readonly inputs: InputFiles;
  /** The ways in which others can reach the accounts. */
  readonly exposure: Omit<Exposure, "insecureUnlock">;
  /** The nodes behind the gateway, those that the Config names when absent; without any, the service runs the embedded chain. */
  readonly upstreams?: readonly UpstreamSpec[];
  /** The nodes of the chain that the embedded one is a fork of, likewise; without any, it begins with block 0. */
  readonly forked?: readonly UpstreamSpec[];
  /** True to draw the progress of an import in place; otherwise log lines report it. */
  readonly terminal?: boolean;
}

/** A node with its methods, ready to be called. */
export interface Service {
  readonly version: string;
  readonly node: Node;
  /** The accounts of the node's own chain, whose keys are public knowledge; empty where it has none. */
  readonly devAccounts: readonly DevAccount[];
  /** True where the node is not a chain of this process. */
  readonly isGateway: boolean;
  /** Returns the nodes behind a gateway or a fork; null with a chain of its own. */
  upstreams(): Upstreams | null;
  /** Returns the chain that is forked, and where; null where nothing is forked. */
  fork(): Fork | null;
  /** Returns the reason why calls cannot be served now; undefined when they can. */
  unready(): string | undefined;
  readonly feed: Feed;
  readonly calls: CallLog;
  /** Returns the methods that `--ws.api` or `--http.api` allows, or the part of them that the rights cover. */
  registry(flag: "ws.api" | "http.api", rights?: Rights): Registry;
  /** Returns the namespaces that exist and that none of the registries offers. */
  namespacesOff(registries: readonly Registry[]): readonly string[];
  close(): void;
}

/** Returns the widest exposure, because the host binds the port and its address is not known here. */
export function exposureUnknown(config: Config): ServiceOptions["exposure"] {
  return {
    networkEndpoint: true,
    address: "0.0.0.0",
    origins: [...config["ws.origins"], ...config["http.corsdomain"]],
    authenticated: (["ws", "http"] as const).every((endpoint) =>
      !config[endpoint] || guardsOf(config, endpoint).length > 0
    ),
  };
}

/** Starts the service that the Config describes. */
export async function openService(
  config: Config,
  { version, inputs, exposure, terminal = false, ...nodes }: ServiceOptions,
): Promise<Service> {
  const upstreams = nodes.upstreams ?? await describedUpstreams(config);
  const forked = nodes.forked ?? await describedFork(config);
  const opened = upstreams.length > 0
    ? await openGateway(config, { specs: upstreams, onLost: (reason) => feed.fail(reason) })
    : forked.length > 0
    ? await openForkedChain(config, { upstreams: forked, facts: inputs.facts })
    : await openDevChain(config, { inputs, terminal });
  const { node, devAccounts } = opened;
  const accounts = await openAccounts(config, {
    devAccounts,
    passwords: inputs.passwords,
    exposure: { ...exposure, insecureUnlock: config["allow-insecure-unlock"] },
  });
  const feed: Feed = new Feed(node.events, {
    log: logger("pubsub"),
    criteria: { total: config["criteria.memory"], perConnection: config["criteria.memory-per-connection"] },
  });
  const calls = new CallLog(logger("rpc"), { enabled: config.verbosity >= DEBUG_VERBOSITY });
  const tables = namespaceTables({
    node,
    accounts,
    feed,
    filters: new Filters(feed, {
      newId: randomSubscriptionId,
      limits: {
        filters: config["filters.max"],
        filtersPerConnection: config["filters.max-per-connection"],
        bytes: config["filters.memory"],
        bytesPerConnection: config["filters.memory-per-connection"],
      },
    }),
    policy: {
      logLimits: { maxBlockRange: config["rpc.rangelimit"], maxAlternatives: config["rpc.logquerylimit"] },
      feeCap: config["rpc.txfeecap"],
    },
    clientVersion: config["rpc.clientversion"] ??
      clientVersion(version, [...config["ws.api"], ...config["http.api"]]),
    logCalls: (enabled) => calls.enable(enabled),
    log: logger("namespaces"),
  });
  const available = namespacesOf(tables);
  return {
    version,
    node,
    devAccounts,
    isGateway: opened.gateway !== null,
    upstreams: () => opened.gateway ?? opened.fork?.remote() ?? null,
    fork: () => opened.fork?.fork() ?? null,
    unready: () => opened.gateway?.isFresh() === false ? "no upstream has a fresh head" : undefined,
    feed,
    calls,
    registry(flag, rights) {
      const { namespaces, warnings } = chooseNamespaces(config[flag], available, { flag });
      for (const warning of rights === undefined ? warnings : []) logger("server").warn(warning);
      return createRegistry(tables, {
        allow: namespaces,
        rights,
        fallback: passThroughOf(node),
        subscriptionFallback: passThroughSubscriptionOf(node),
        discover: (registry) => openRpcDocument(registry, { title: "Sallyport", version }),
      });
    },
    namespacesOff: (registries) =>
      available.filter((name) => !registries.some(({ namespaces }) => namespaces.includes(name))),
    close() {
      feed.close();
      accounts.close();
      opened.close();
    },
  };
}

/** The node that answers the methods, with the accounts whose keys it has. */
interface OpenNode {
  readonly node: Node;
  readonly devAccounts: readonly DevAccount[];
  readonly gateway: UpstreamNode | null;
  readonly fork: ForkNode | null;
  close(): void;
}

async function openDevChain(config: Config, options: { inputs: InputFiles; terminal: boolean }): Promise<OpenNode> {
  const chain = await openChain(config, options);
  return { node: chain, devAccounts: chain.accounts, gateway: null, fork: null, close: () => chain.close() };
}

async function openForkedChain(
  config: Config,
  options: { readonly upstreams: readonly UpstreamSpec[]; readonly facts: FactDatabase | undefined },
): Promise<OpenNode> {
  // Only a fork needs it.
  const { openFork } = await import("./fork.ts");
  try {
    const node = await openFork(config, options);
    const close = () => {
      node.close();
      options.facts?.close();
    };
    return { node, devAccounts: node.accounts, gateway: null, fork: node, close };
  } catch (error) {
    options.facts?.close();
    throw namingFlag(config, error);
  }
}

async function openGateway(
  config: Config,
  options: { specs: readonly UpstreamSpec[]; onLost: (reason: string) => void },
): Promise<OpenNode> {
  const node = await openUpstreams(config, options);
  return { node, devAccounts: [], gateway: node, fork: null, close: () => node.close() };
}

async function openChain(
  config: Config,
  { inputs, terminal }: { inputs: InputFiles; terminal: boolean },
): Promise<EmbeddedChain> {
  const { genesis, blocks, database, exported } = inputs;
  const progress = new ImportProgress({ terminal });
  try {
    const chain = await createDevChain({
      ...chainFlags(config),
      // A genesis file has its own limit.
      gasLimit: genesis === undefined ? BigInt(config["dev.gaslimit"]) : undefined,
      genesis,
      blocks,
      onImport: (at) => progress.update(at),
      database,
      onBlocks: exported === undefined ? undefined : (bytes) => exported.write(bytes),
    });
    if (blocks !== undefined) progress.done();
    return chain;
  } catch (error) {
    progress.failed();
    database?.close();
    throw namingFlag(config, error);
  } finally {
    exported?.close();
  }
}

/** Changes an error about the chain's input into one that names the flag. */
function namingFlag(config: Config, error: unknown): unknown {
  if (error instanceof MnemonicError) return new UsageError(`--dev.mnemonic: ${error.message}`);
  if (error instanceof ExportError) return new StartError(`--export: ${error.message}`, { cause: error });
  if (error instanceof JournalError) return new StartError(`--datadir: ${error.message}`, { cause: error });
  const fault = diskFault(error);
  if (fault !== undefined) {
    return new StartError(`--datadir: ${damaged(config.datadir ?? "", fault)}`, { cause: error });
  }
  if (error instanceof GenesisError) return fileFault({ flag: "genesis", path: config.genesis, cause: error });
  if (!(error instanceof ImportError)) return error;
  const hint = config.genesis === undefined ? "name its genesis file with --genesis" : "see --genesis";
  return fileFault({
    flag: "import",
    path: config.import,
    cause: error,
    hint: error.foreign ? `the file is of another chain: ${hint}` : undefined,
  });
}

async function openAccounts(
  config: Config,
  { devAccounts, passwords, exposure }: {
    devAccounts: readonly DevAccount[];
    passwords: readonly string[] | undefined;
    exposure: Exposure;
  },
): Promise<AccountManager> {
  const { keystore: folder } = config;
  const log = logger("accounts");
  const accounts = await createAccounts({
    devAccounts,
    keystore: folder === undefined ? undefined : { folder, light: config.lightkdf },
    exposure,
    log,
  });
  await unlockAtStart(accounts, { unlock: config.unlock, passwords, log });
  return accounts;
}

/** Returns the namespaces of the tables, each once: several tables may have the same namespace. */
function namespacesOf(tables: readonly NamespaceTable[]): readonly string[] {
  return [...new Set(tables.map(({ namespace }) => namespace))];
}
