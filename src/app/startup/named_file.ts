import { StartError } from "./start_error.ts";

/** A permission that a flag needs: its kind and its path. */
export interface FileGrant {
  readonly name: "read" | "write";
  readonly scope: string;
}

/** Fails with a sentence where Deno would raise a permission prompt. */
export function requireFilePermission(flag: string, { name, scope }: FileGrant): void {
  if (Deno.permissions.querySync({ name, path: scope }).state === "granted") return;
  const verb = { read: "reading", write: "writing" }[name];
  throw new StartError(`--${flag}: ${verb} ${JSON.stringify(scope)} is not permitted: add --allow-${name}=${scope}`);
}

/** Fails with a sentence where Deno would raise a permission prompt. */
export function requireNetPermission(flag: string, host: string): void {
  if (Deno.permissions.querySync({ name: "net", host }).state === "granted") return;
  throw new StartError(`--${flag}: connecting to ${host} is not permitted: add --allow-net=${host}`);
}

/** A file that was read, and cannot be used. */
export interface FileFault {
  readonly flag: string;
  readonly path: string | undefined;
  readonly cause: Error;
  /** The change that would help. */
  readonly hint?: string | undefined;
}

/** Returns an error of one line that names the file and the reason why it cannot be used. */
export function fileFault({ flag, path = "", cause, hint }: FileFault): StartError {
  const advice = hint === undefined ? "" : `; ${hint}`;
  return new StartError(`--${flag}: cannot use ${JSON.stringify(path)}: ${cause.message}${advice}`, { cause });
}

/** Reads a text file that a flag names. Throws {@link StartError}. */
export async function readTextFile(flag: string, path: string): Promise<string> {
  return new TextDecoder().decode(await readFile(flag, path));
}

/** Reads a file that a flag names; undefined where it names none. Throws {@link StartError}. */
export async function readFile(flag: string, path: string | undefined): Promise<Uint8Array | undefined> {
  if (path === undefined) return undefined;
  requireFilePermission(flag, { name: "read", scope: path });
  try {
    return await Deno.readFile(path);
  } catch (cause) {
    throw new StartError(`--${flag}: cannot read ${JSON.stringify(path)}: ${reason(cause)}`, { cause });
  }
}

function reason(cause: unknown): string {
  if (cause instanceof Deno.errors.NotFound) return "there is no such file";
  if (cause instanceof Deno.errors.PermissionDenied) return "the system does not allow it";
  return cause instanceof Error ? cause.message.split("\n", 1)[0] ?? "" : String(cause);
}
