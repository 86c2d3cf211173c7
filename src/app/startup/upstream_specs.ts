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

/** Returns the permissions that stay in use: each node as `host:port`, and the file of a geth.ipc. */
export function upstreamGrants(
  specs: readonly UpstreamSpec[],
): (FileGrant | { readonly name: "net"; readonly scope: string })[] {
  return specs.flatMap(({ address: { kind, grant, url } }) => [
    { name: "net" as const, scope: grant },
    ...kind === "ipc" ? [{ name: "read" as const, scope: url }, { name: "write" as const, scope: url }] : [],
  ]);
}
