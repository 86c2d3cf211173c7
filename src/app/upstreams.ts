import type { Config } from "../cli/mod.ts";
import type { UpstreamHealth } from "../http/mod.ts";
import type { Family } from "../metrics/mod.ts";
import type { UpstreamNode, UpstreamSpec, UpstreamStatus } from "../upstream/mod.ts";
import { logger } from "./log.ts";
import { StartError } from "./startup/mod.ts";

/** The nodes behind a service, as pages show them. */
export type Upstreams = Pick<UpstreamNode, "upstreams" | "counts" | "cache">;

/** Connects to the nodes; resolves when there is a head. Throws {@link StartError} when none came within --upstream.wait. */
export async function openUpstreams(
  config: Config,
  { specs, onLost }: { specs: readonly UpstreamSpec[]; onLost: (reason: string) => void },
): Promise<UpstreamNode> {
  // Loaded only now: without upstreams the start does not wait for this layer.
  const { createUpstreamNode } = await import("../upstream/mod.ts");
  const node = createUpstreamNode({
    upstreams: specs,
    waitMs: config["upstream.wait"],
    cacheBytes: config["upstream.cache"],
    log: logger("upstream"),
    onLost,
  });
  if (await node.started()) return node;
  node.close();
  const reasons = node.upstreams().map(({ name, reason }) => `${name}: ${reason}`).join("; ");
  throw new StartError(`--upstream: no node has told a head within --upstream.wait (${reasons})`);
}

/** Returns the nodes as `/health` shows them. */
export function upstreamHealth(node: Upstreams): readonly UpstreamHealth[] {
  return node.upstreams().map(({ name, state, isLeader, head }) => ({
    name,
    state,
    isLeader,
    head: head === null ? null : Number(head),
  }));
}

/** Returns the counters of a gateway for Prometheus. */
export function upstreamFamilies(node: Upstreams): readonly Family[] {
  const nodes = node.upstreams();
  const of = (read: (status: UpstreamStatus) => number | null) =>
    nodes.flatMap((status) => {
      const value = read(status);
      return value === null ? [] : [{ labels: { upstream: status.name }, value }];
    });
  const best = nodes.reduce((highest, { head }) => head !== null && head > highest ? head : highest, 0n);
  const { hits, joined, bytes } = node.cache.stats;
  return [
    {
      name: "upstream_calls_total",
      type: "counter",
      help: "Calls of upstreams, by method and outcome: answered, refused, failed, busy (429), missing.",
      samples: node.counts.calls.map(({ call, count }) => ({ labels: { ...call }, value: count })),
    },
    {
      name: "upstream_ready",
      type: "gauge",
      help: "1 while an upstream can be asked.",
      samples: of(({ state }) => state === "ready" ? 1 : 0),
    },
    {
      name: "upstream_latency_seconds",
      type: "gauge",
      help: "Time that a small call of an upstream takes, a moving average.",
      samples: of(({ latencyMs }) => latencyMs === null ? null : latencyMs / 1000),
    },
    {
      name: "upstream_head_age_seconds",
      type: "gauge",
      help: "Time since an upstream announced a head.",
      samples: of(({ headAgeMs }) => headAgeMs === null ? null : headAgeMs / 1000),
    },
    {
      name: "upstream_lag_blocks",
      type: "gauge",
      help: "Blocks by which an upstream trails the best one.",
      samples: of(({ head }) => head === null ? null : Number(best - head)),
    },
    one("upstream_switches_total", "Times that another upstream was followed.", node.counts.switches),
    one("upstream_backfilled_blocks_total", "Blocks that were fetched to fill a gap.", node.counts.backfilled),
    one("upstream_cache_hits_total", "Calls that were answered from the cache.", hits),
    one("upstream_calls_joined_total", "Calls that joined an equal call under way.", joined),
    { ...one("upstream_cache_bytes", "Bytes of answers in the cache.", bytes), type: "gauge" },
  ];
}

function one(name: string, help: string, value: number): Family {
  return { name, type: "counter", help, samples: [{ value }] };
}
