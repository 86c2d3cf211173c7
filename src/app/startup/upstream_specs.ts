import type { UpstreamSpec } from "../../upstream/upstream.ts";
import { fileFault, type FileGrant, readTextFile } from "./named_file.ts";
import { StartError } from "./start_error.ts";

/** The flags about real nodes. */
export interface UpstreamFlags {
  readonly upstream: readonly string[];
  readonly "upstream.header": readonly string[];
  readonly "upstream.config": string | undefined;
}

/** Reads the descriptions of the nodes behind the gateway from the flags and their file. Throws {@link StartError}. */
export async function describedUpstreams(flags: UpstreamFlags): Promise<readonly UpstreamSpec[]> {
  const file = flags["upstream.config"];
  if (file === undefined && flags.upstream.length === 0 && flags["upstream.header"].length === 0) return [];
  const { readUpstreams, UpstreamConfigError } = await import("../../upstream/config.ts");
  const config = file === undefined ? undefined : await readTextFile("upstream.config", file);
  try {
    return readUpstreams({ urls: flags.upstream, headers: flags["upstream.header"], config });
  } catch (cause) {
    if (!(cause instanceof UpstreamConfigError)) throw cause;
    if (file === undefined) throw new StartError(cause.message, { cause });
    throw fileFault({ flag: "upstream.config", path: file, cause });
  }
}

/** The flags about the nodes of a forked chain. */
export interface ForkFlags {
  readonly "fork.url": readonly string[];
  readonly "fork.header": readonly string[];
  readonly "fork.timeout": number;
}

/** anvil takes a block behind the URL; a URL parser would read the host as a user. */
const BLOCK_BEHIND_URL = /@(\d+)$/;

/** Reads the nodes of the chain to fork. Throws {@link StartError}. */
export async function describedFork(flags: ForkFlags): Promise<readonly UpstreamSpec[]> {
  for (const url of flags["fork.url"]) {
    const number = BLOCK_BEHIND_URL.exec(url)?.[1];
    if (number === undefined) continue;
    throw new StartError(`--fork.url: put the block into a flag of its own: --fork.block=${number}`);
  }
  return await forkSpecs(flags["fork.url"], flags);
}

/** Reads one URL in place of those of --fork.url, without their headers. Throws {@link StartError}. */
export async function readForkUrl(url: string, flags: ForkFlags): Promise<UpstreamSpec> {
  const [spec] = await forkSpecs([url], { ...flags, "fork.header": [] });
  if (spec === undefined) throw new StartError("expected a URL");
  return spec;
}

async function forkSpecs(urls: readonly string[], flags: ForkFlags): Promise<readonly UpstreamSpec[]> {
  if (urls.length === 0) return [];
  const { readUpstreams, UpstreamConfigError } = await import("../../upstream/config.ts");
  try {
    const specs = readUpstreams({ urls, headers: flags["fork.header"], flag: "fork.url" });
    return specs.map((spec) => ({ ...spec, timeoutMs: flags["fork.timeout"] }));
  } catch (cause) {
    if (!(cause instanceof UpstreamConfigError)) throw cause;
    throw new StartError(cause.message, { cause });
  }
}

/** Returns the permissions that stay in use: each node as `host:port`, and the file of a geth.ipc. */
export function upstreamGrants(
  specs: readonly UpstreamSpec[],
): (FileGrant | { readonly name: "net"; readonly scope: string })[] {
  return specs.flatMap(({ address: { kind, grant, url } }) => [
    { name: "net" as const, scope: grant },
    ...kind === "ipc" ? [{ name: "read" as const, scope: url }, { name: "write" as const, scope: url }] : [],
  ]);
}

/** Returns the permissions that stay in use for all nodes that the flags name. Throws {@link StartError}. */
export async function nodeGrants(flags: UpstreamFlags & ForkFlags): Promise<ReturnType<typeof upstreamGrants>> {
  return upstreamGrants([...await describedUpstreams(flags), ...await describedFork(flags)]);
}
