import { type Clock, sleep, SYSTEM_CLOCK } from "../concurrency/clock.ts";
import { keccak256 } from "../crypto/keccak.ts";
import { RpcError } from "../rpc/error.ts";
import { RawJson } from "../rpc/raw_json.ts";
import type { PinnedNode, UpstreamLog, UpstreamSpec } from "../upstream/mod.ts";
import { type BlockChoice, type ForkBlock, forkBlock, readForkBlock, shown } from "./block.ts";
import type { StartStore } from "./facts/fact_store.ts";

/** What is asked at the start, in one step. */
export interface Opened {
  readonly block: ForkBlock;
  readonly chainId: bigint;
  readonly networkId: bigint;
  readonly config: RawJson | null;
  readonly tip: bigint | undefined;
}

/** How long an upstream is waited for when an earlier start could be repeated without it, milliseconds. */
const RECALL_AFTER_MS = 3_000;

export interface OpenedOptions {
  readonly upstreams: readonly UpstreamSpec[];
  readonly choice: BlockChoice;
  /** Earlier starts; absent where nothing is kept. */
  readonly starts?: StartStore | undefined;
  readonly log: UpstreamLog;
  readonly clock?: Clock;
}

/** Asks for the block to fork; where no upstream answers, an earlier start from the same upstreams is repeated. */
export async function askOpened(remote: PinnedNode, options: OpenedOptions): Promise<Opened> {
  const { upstreams, choice, starts, log, clock = SYSTEM_CLOCK } = options;
  const key = keyOf(upstreams, choice);
  const kept = starts?.start(key);
  const asking = remote.connected().then(() => ask(remote, choice));
  try {
    const opened = kept === undefined ? await asking : await within(asking, clock);
    starts?.putStart(key, encode(opened));
    return opened;
  } catch (error) {
    asking.catch(() => {});
    // An upstream that answers with an error is there, and is believed.
    if (kept === undefined || !(error instanceof NoAnswer || isUnreachable(error))) throw error;
    const opened = decode(kept);
    log.warn("No upstream answers: the fork begins with what --datadir holds of it", {
      block: String(opened.block.header.number),
    });
    return opened;
  }
}

/** Two chains of one provider differ in the path of the URL, which may hold a key, and so is not kept as it is. */
function keyOf(upstreams: readonly UpstreamSpec[], choice: BlockChoice): string {
  const urls = upstreams.map(({ address }) => keccak256(new TextEncoder().encode(address.url)).toHex());
  return JSON.stringify([...urls, shown(choice)]);
}

class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

function isUnreachable(error: unknown): boolean {
  return error instanceof RpcError && error.message.startsWith("no upstream can answer");
}

async function within<T>(asking: Promise<T>, clock: Clock): Promise<T> {
  const over = new AbortController();
  const late = sleep(RECALL_AFTER_MS, { clock, signal: over.signal }).then(() => {
    throw new NoAnswer("no upstream has answered yet");
  });
  late.catch(() => {});
  try {
    return await Promise.race([asking, late]);
  } finally {
    over.abort();
  }
}

async function ask(remote: PinnedNode, choice: BlockChoice): Promise<Opened> {
  const [block, chainId, networkId, config, tip] = await Promise.all([
    readForkBlock(remote, choice),
    remote.identity.chainId(),
    remote.identity.networkId(),
    unlessRefused(remote.ask("eth_config", [])),
    unlessRefused(remote.ask("eth_maxPriorityFeePerGas", [])),
  ]);
  const suggested: unknown = tip?.decode();
  return {
    block,
    chainId: BigInt(chainId),
    networkId: BigInt(networkId),
    config,
    tip: typeof suggested === "string" && /^0x[0-9a-f]{1,32}$/i.test(suggested) ? BigInt(suggested) : undefined,
  };
}

/** Many upstreams do not have these methods, and a fork can do without them. */
async function unlessRefused(answer: Promise<RawJson>): Promise<RawJson | null> {
  try {
    return await answer;
  } catch {
    return null;
  }
}

function encode({ block, chainId, networkId, config, tip }: Opened): string {
  return JSON.stringify({
    block: block.json.text,
    chainId: String(chainId),
    networkId: String(networkId),
    config: config?.text ?? null,
    tip: tip === undefined ? null : String(tip),
  });
}

function decode(text: string): Opened {
  const { block, chainId, networkId, config, tip } = JSON.parse(text);
  const json = new RawJson(block);
  return {
    block: forkBlock(json.decode(), json),
    chainId: BigInt(chainId),
    networkId: BigInt(networkId),
    config: config === null ? null : new RawJson(config),
    tip: tip === null ? undefined : BigInt(tip),
  };
}
