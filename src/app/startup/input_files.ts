import { keystoreGrants } from "../../accounts/key_file.ts";
import { readPasswords } from "../../accounts/password_file.ts";
import { StartError } from "./start_error.ts";

/** The flags that name files and folders. */
export interface InputPaths {
  readonly genesis: string | undefined;
  readonly import: string | undefined;
  readonly password?: string | undefined;
  readonly keystore?: string | undefined;
  readonly "upstream.config"?: string | undefined;
}

/** The contents of the files that are read once. */
export interface InputFiles {
  readonly genesis: string | undefined;
  readonly blocks: Uint8Array | undefined;
  /** The lines of --password. */
  readonly passwords: readonly string[] | undefined;
}

/** The permissions for those files: `once` until they are read, `keep` for as long as the server runs. */
export interface FileGrants {
  readonly once: readonly FileGrant[];
  readonly keep: readonly FileGrant[];
}

/** Lists the permissions for the files and folders that flags name. */
export function fileGrants(paths: InputPaths): FileGrants {
  const files = [paths.genesis, paths.import, paths.password, paths["upstream.config"]].filter((path) =>
    path !== undefined
  );
  return {
    once: files.map((scope): FileGrant => ({ name: "read", scope })),
    keep: paths.keystore === undefined ? [] : keystoreGrants(paths.keystore),
  };
}

/**
 * Reads the files of --genesis, --import and --password, and makes sure that the folder of --keystore may be used; all
 * before the permissions are dropped. Throws {@link StartError}, or accounts' `StartRefused` for the passwords.
 */
export async function readInputFiles(paths: InputPaths): Promise<InputFiles> {
  const [genesis, blocks] = await Promise.all([readFile("genesis", paths.genesis), readFile("import", paths.import)]);
  for (const grant of fileGrants(paths).keep) requireFilePermission("keystore", grant);
  return {
    genesis: genesis === undefined ? undefined : new TextDecoder().decode(genesis),
    blocks,
    passwords: await readPasswordFile(paths.password),
  };
}

async function readPasswordFile(path: string | undefined): Promise<readonly string[] | undefined> {
  if (path === undefined) return undefined;
  requireFilePermission("password", { name: "read", scope: path });
  return await readPasswords(path);
}

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

async function readFile(flag: string, path: string | undefined): Promise<Uint8Array | undefined> {
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
