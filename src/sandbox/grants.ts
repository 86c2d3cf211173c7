/** The kinds of permission that Deno grants. */
export const PERMISSIONS = ["run", "ffi", "sys", "env", "write", "read", "import", "net"] as const;
export type PermissionName = typeof PERMISSIONS[number];

/** One permission: for a folder, a host, a variable and so on. */
export interface Grant {
  readonly name: PermissionName;
  /** The path, `host:port`, variable, command or kind that the flag would name; absent for all of them. */
  readonly scope?: string;
}

/** Returns true when the process has this permission. It only queries; only `Deno.permissions.request` would prompt. */
export function holds(grant: Grant): boolean {
  return Deno.permissions.querySync(descriptorOf(grant)).state === "granted";
}

/** Revokes it for the process and its workers; without a scope, every grant of its kind, whole or partial (measured). */
export function revoke(grant: Grant): void {
  Deno.permissions.revokeSync(descriptorOf(grant));
}

/** Returns true for the same permission. */
export function isSame(one: Grant, other: Grant): boolean {
  return one.name === other.name && one.scope === other.scope;
}

/** Returns the words that `deno run --help` uses: `net` or `read=/keys`. */
export function describe({ name, scope }: Grant): string {
  return scope === undefined ? name : `${name}=${scope}`;
}

/** Returns the flag that gives exactly this permission. */
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
