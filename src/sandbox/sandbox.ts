import { describe, type Grant, holds, isSame, PERMISSIONS, revoke } from "./grants.ts";
import { bracketed } from "../text/host_port.ts";
import { leastCommandLine, leastGrants, type Needs } from "./needs.ts";

/** `--sandbox`: drop what is not needed, refuse to start with more, or change nothing. */
export type SandboxMode = "on" | "strict" | "off";

/** The permissions of the process before the drop, as far as Deno reports them. */
export interface Audit {
  /** Held whole, or for the grants that are needed. */
  readonly held: readonly Grant[];
  /** The permissions among them that this run does not need. */
  readonly excess: readonly Grant[];
}

/** The permissions after the drop, for the log. */
export interface SandboxReport extends Audit {
  readonly mode: SandboxMode;
  readonly dropped: readonly Grant[];
  readonly kept: readonly Grant[];
  /** Kept, although only a part is needed: Deno cannot narrow a whole grant. */
  readonly tooBroad: readonly Grant[];
  /** The command line that would suffice; null when no more was held. */
  readonly least: string | null;
}

/** `--sandbox=strict` and more is held than needed. */
export class SandboxError extends Error {
  override readonly name = "SandboxError";
}

/**
 * Lists the permissions of the process. Deno answers only for the descriptor of a query: a grant for a part that this program
 * does not know of (`--allow-read=/etc`) cannot be found, but {@link drop} revokes it as well.
 */
export function audit(needs: Needs): Audit {
  const whole = PERMISSIONS.map((name): Grant => ({ name })).filter(holds);
  const everyPort: Grant = { name: "net", scope: bracketed(needs.hostname) };
  const broad = whole.some(({ name }) => name === "net") || !holds(everyPort) ? whole : [...whole, everyPort];
  const parts = leastGrants(needs).filter((grant) => !broad.some(({ name }) => name === grant.name) && holds(grant));
  const isNeeded = (grant: Grant) => needs.keep.some((kept) => isSame(grant, kept));
  const excess = broad.filter((grant) => !isNeeded(grant));
  // `--cached-only` grants imports as a whole, as it lets none of them reach the network (measured).
  const onlyImports = excess.every(({ name }) => name === "import");
  return { held: [...broad, ...parts], excess: onlyImports ? [] : excess };
}

/** Checks `--sandbox=strict` before anything is read or bound; throws {@link SandboxError} with the line to use. */
export function refuseExcess(needs: Needs): void {
  const { excess } = audit(needs);
  if (excess.length === 0) return;
  throw new SandboxError(
    `--sandbox=strict: started with more than it needs (${excess.map(describe).join(", ")}). Start it as: ${
      leastCommandLine(needs)
    }`,
  );
}

/**
 * Gives back everything that is not kept, once the port is bound and every file is read; the listener goes on accepting
 * (measured), and workers started before or after hold no more than this. There is no way back without a prompt.
 */
export function drop(needs: Needs, mode: SandboxMode): SandboxReport {
  const before = audit(needs);
  const least = before.excess.length > 0 ? leastCommandLine(needs) : null;
  if (mode === "off") return { ...before, mode, dropped: [], kept: before.held, tooBroad: before.excess, least };

  const keptNames = new Set(needs.keep.map(({ name }) => name));
  for (const name of PERMISSIONS) {
    if (!keptNames.has(name)) revoke({ name });
  }
  // The listening addresses and the files that were read once are given back one by one where others of their kind are kept.
  const once = revocable(needs);
  for (const grant of once) revoke(grant);
  const isKept = (grant: Grant) => keptNames.has(grant.name) && !once.some((gone) => isSame(grant, gone));
  return {
    ...before,
    mode,
    dropped: before.held.filter((grant) => !isKept(grant)),
    kept: before.held.filter(isKept),
    tooBroad: before.excess.filter(isKept),
    least,
  };
}

/** Returns the grants that were needed only until now and can be revoked without revoking kept ones. */
function revocable(needs: Needs): Grant[] {
  const passing = leastGrants({ ...needs, keep: [] });
  return passing.filter((grant) => {
    if (needs.keep.some((kept) => isSame(grant, kept))) return false;
    // Revoking one port of `--allow-net=127.0.0.1` revokes them all (measured).
    const host = grant.name === "net" ? hostOf(grant) : undefined;
    if (host === undefined || !holds({ name: "net", scope: host })) return true;
    return !needs.keep.some((kept) => kept.name === "net" && hostOf(kept) === host);
  });
}

function hostOf({ scope = "" }: Grant): string {
  return scope.replace(/:\d+$/, "");
}
