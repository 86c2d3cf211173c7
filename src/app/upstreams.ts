import type { Config } from "../cli/mod.ts";
import { createUpstreamNode, type UpstreamNode, type UpstreamSpec } from "../upstream/mod.ts";
import { logger } from "./log.ts";
import { StartError } from "./startup/mod.ts";

/** Connects to the nodes; resolves when there is a head. Throws {@link StartError} when none came within --upstream.wait. */
export async function openUpstreams(
  config: Config,
  { specs, onLost }: { specs: readonly UpstreamSpec[]; onLost: (reason: string) => void },
): Promise<UpstreamNode> {
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
