/**
 * The composition root: from a Config to a running server. The only file that sees every layer, and the place to look
 * up what is connected to what. It decides nothing that a layer could decide.
 */
import { chooseNamespaces, type Config } from "./cli/mod.ts";
import { logger } from "./log.ts";
import { netRows } from "./namespaces/net.ts";
import { clientVersion, web3Rows } from "./namespaces/web3.ts";
import { createDispatcher } from "./rpc/dispatcher.ts";
import { createRegistry } from "./rpc/registry.ts";
import { bindFailure, printFirstScreen, requireListenPermission } from "./startup/mod.ts";
import { listen, type Listener, originPolicy } from "./transport/mod.ts";

/** How long running calls may take to finish when the server stops. */
const STOP_GRACE_MS = 5_000;

/** A server that is listening. */
export interface Server {
  readonly url: string;
  /** Stops accepting, lets running calls finish for a few seconds, and closes every connection. */
  stop(): Promise<void>;
}

/** Starts everything that the Config names; resolves once the endpoint is open and the first screen is printed. */
export async function start(config: Config, about: { version: string }): Promise<Server> {
  const log = logger("server");
  const identity = { chainId: 1337n, networkId: BigInt(config.networkid ?? 1337) };
  const tables = [
    { namespace: "net", methods: netRows({ identity }) },
    { namespace: "web3", methods: web3Rows({ clientVersion: clientVersion(about.version) }) },
  ];
  const { namespaces, warnings } = chooseNamespaces(config["ws.api"], tables.map(({ namespace }) => namespace));
  for (const warning of warnings) log.warn(warning);
  const registry = createRegistry(tables, { allow: namespaces });
  const listener = await openEndpoint(config, registry);
  printFirstScreen({
    version: about.version,
    chain: { ...identity, head: 0n, sealing: "on transaction" },
    accounts: [],
    keysOf: "",
    namespaces: registry.namespaces,
    namespacesOff: [],
    origins: originPolicy(config["ws.origins"]).rules,
    sandbox: [],
    url: listener.url,
  });
  return {
    url: listener.url,
    async stop() {
      await listener.stop({ graceMs: STOP_GRACE_MS });
    },
  };
}

async function openEndpoint(config: Config, registry: ReturnType<typeof createRegistry>): Promise<Listener> {
  const target = { addr: config["ws.addr"], port: config["ws.port"] };
  requireListenPermission(target);
  const limits = {
    batchItems: config["rpc.batch-request-limit"],
    batchResponseBytes: config["rpc.batch-response-max-size"],
    inflightCalls: config["ws.max-inflight"],
    subscriptions: config["ws.max-subscriptions"],
  };
  const rpcLog = logger("rpc");
  try {
    return await listen({
      ...target,
      prefix: config["ws.rpcprefix"],
      origins: config["ws.origins"],
      maxConnections: config["ws.max-connections"],
      maxMessageBytes: config["ws.max-message"],
      sendBufferBytes: config["ws.send-buffer"],
      idleTimeoutMs: config["ws.idle-timeout"],
      log: logger("ws"),
    }, (connection) => createDispatcher(connection, { registry, limits, log: rpcLog }));
  } catch (cause) {
    throw bindFailure(target, cause);
  }
}
