import { flagOf, type Grant } from "./grants.ts";
import { hostPort } from "../text/host_port.ts";

/** What this run of the program needs, and how it was started. */
export interface Needs {
  /** Where it listens: needed until the port is bound. */
  readonly hostname: string;
  readonly port: number;
  /** What it needs for as long as it runs: a keystore folder, an upstream host. */
  readonly keep: readonly Grant[];
  /** What it needs only until it listens: files that are read once. */
  readonly once?: readonly Grant[];
  /** As in `deno run main.ts`. */
  readonly program: string;
  /** The arguments after it. */
  readonly args: readonly string[];
}

/** The grants that would do: the listening address, what is read once, and what is kept. */
export function leastGrants(needs: Needs): readonly Grant[] {
  return [{ name: "net", scope: hostPort(needs.hostname, needs.port) }, ...needs.once ?? [], ...needs.keep];
}

/** The command line that gives the process what it needs and nothing else, ready for a shell. */
export function leastCommandLine(needs: Needs): string {
  const scopes = Map.groupBy(leastGrants(needs), ({ name }) => name);
  const flags = [...scopes].map(([name, grants]) => {
    const unscoped = grants.some(({ scope }) => scope === undefined);
    return flagOf(unscoped ? { name } : { name, scope: grants.map(({ scope }) => scope).join(",") });
  });
  // Without `--cached-only` an import of a package by name asks the registry, which needs no permission.
  return ["deno", "run", "--cached-only", ...flags, needs.program, ...needs.args].map(quoted).join(" ");
}

function quoted(word: string): string {
  // Brackets are a pattern to a shell: --allow-net=[::1]:8546 has to be quoted.
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
