/** The kinds of power that Deno grants. */
export const PERMISSIONS = ["run", "ffi", "sys", "env", "write", "read", "import", "net"] as const;
export type PermissionName = typeof PERMISSIONS[number];

/** A power that the process goes on needing: one folder, one host, one variable. */
export interface Grant {
  readonly name: PermissionName;
  /** The path, `host:port`, variable, command or kind that the flag would name; absent for all of them. */
  readonly scope?: string;
}

/** True when the process holds this already. Only asks; `Deno.permissions.request` is what would prompt. */
export function holds(grant: Grant): boolean {
  return Deno.permissions.querySync(descriptorOf(grant)).state === "granted";
}

/** Gives it back, for the process and its workers; without a scope, every grant of its kind, whole or partial (measured). */
export function revoke(grant: Grant): void {
  Deno.permissions.revokeSync(descriptorOf(grant));
}

/** Words as a reader of `deno run --help` knows them: `net` or `read=/keys`. */
export function describe({ name, scope }: Grant): string {
  return scope === undefined ? name : `${name}=${scope}`;
}

/** The flag that gives exactly this. */
export function flagOf(grant: Grant): string {
  return `--allow-${describe(grant)}`;
}

function descriptorOf({ name, scope }: Grant): Deno.PermissionDescriptor {
  if (scope === undefined) return { name };
  switch (name) {
    case "read":
    case "write":
    case "ffi":
      return { name, path: scope };
    case "net":
    case "import":
      return { name, host: scope };
    case "env":
      return { name, variable: scope };
    case "run":
      return { name, command: scope };
    case "sys":
      // The kinds are a closed list in Deno's types; one that it does not know makes the query throw.
      return { name, kind: scope } as Deno.SysPermissionDescriptor;
  }
}
