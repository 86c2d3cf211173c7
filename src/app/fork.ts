import { GETH_DEVELOPER, mnemonicAccounts } from "../chain/mod.ts";
import type { Config } from "../cli/mod.ts";
import type { FactDatabase } from "../fork/facts/fact_database.ts";
import { blockChoice, createForkNode, type ForkNode, RemoteState } from "../fork/mod.ts";
import { invalidParams, RpcError } from "../rpc/error.ts";
import type { UpstreamSpec } from "../upstream/mod.ts";
import { chainFlags } from "./chain_flags.ts";
import { logger } from "./log.ts";
import { readForkUrl, StartError } from "./startup/mod.ts";

/** Forks the chain that --fork.url names. Throws {@link StartError} where no node has the block, MnemonicError for --dev.mnemonic. */
export async function openFork(
  config: Config,
  { upstreams, facts }: { readonly upstreams: readonly UpstreamSpec[]; readonly facts: FactDatabase | undefined },
): Promise<ForkNode> {
  const choice = blockChoice(config["fork.block"]);
  if (choice === null) throw new StartError(`--fork.block: not a block: ${config["fork.block"]}`);
  const mnemonic = await mnemonicAccounts(config["dev.mnemonic"], config["dev.accounts"]);
  const log = logger("fork");
  try {
    return await createForkNode({
      chain: chainFlags(config),
      accounts: [GETH_DEVELOPER, ...mnemonic],
      upstreams,
      choice,
      waitMs: config["upstream.wait"],
      cacheBytes: config["upstream.cache"],
      starts: facts,
      baseOf: (source, chainId) =>
        new RemoteState(source, {
          store: facts?.factsOf(chainId, source.block.hash),
          onRootsLost: (reason) => log.warn("State roots above the fork are made up from now on", { reason }),
        }),
      log,
      specOf: (url) => specOf(url, { config, upstreams }),
    });
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    throw new StartError(`--fork.url: ${error.message}`, { cause: error });
  }
}

/** Reads the URL that a client gives to anvil_reset or anvil_setRpcUrl: of a host that this process may still connect to. */
async function specOf(
  url: string,
  { config, upstreams }: { readonly config: Config; readonly upstreams: readonly UpstreamSpec[] },
): Promise<UpstreamSpec> {
  let spec: UpstreamSpec;
  try {
    spec = await readForkUrl(url, config);
  } catch (cause) {
    if (!(cause instanceof StartError)) throw cause;
    throw invalidParams(`cannot fork: ${cause.message}`, { cause });
  }
  const { address } = spec;
  // Headers often carry a key, which is meant for the nodes of --fork.url alone.
  const own = upstreams.find(({ address: { grant } }) => grant === address.grant);
  const headers = own === undefined ? {} : { ...own.address.headers, ...address.headers };
  if (address.kind === "ipc" ? own === undefined : !mayConnect(address.grant)) {
    throw invalidParams(
      `cannot fork: this process may not connect to ${address.shown}: start it with that host in --fork.url, ` +
        `or with --sandbox=off and --allow-net`,
    );
  }
  return { ...spec, address: { ...address, headers } };
}

function mayConnect(host: string): boolean {
  return Deno.permissions.querySync({ name: "net", host }).state === "granted";
}
