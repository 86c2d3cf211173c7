import { flagOf, type Grant, isSame } from "./grants.ts";
import { hostPort } from "../text/host_port.ts";

/** The permissions that this run of the program needs, and its command line. */
export interface Needs {
  /** The address on which it listens: needed until the port is bound. */
  readonly hostname: string;
  readonly port: number;
  /** The permissions that it needs for as long as it runs: for a keystore folder, an upstream host. */
  readonly keep: readonly Grant[];
  /** The permissions that it needs only until it listens: for files that are read once. */
  readonly once?: readonly Grant[];
  /** As in `deno run main.ts`. */
  readonly program: string;
  /** The arguments after it. */
  readonly args: readonly string[];
}

/** Returns the grants that suffice: for the listening address, for files that are read once, and the kept ones. */
export function leastGrants(needs: Needs): readonly Grant[] {
  const all: readonly Grant[] = [
    { name: "net", scope: hostPort(needs.hostname, needs.port) },
    ...needs.once ?? [],
    ...needs.keep,
  ];
  // A listening address that is kept is in two of the lists.
  return all.filter((grant, at) => all.findIndex((other) => isSame(grant, other)) === at);
}

/** Returns the command line, ready for a shell, that grants exactly the permissions that the process needs. */
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
