import { StartError } from "./start_error.ts";

/** The files that the chain begins with, by flag. */
export interface InputPaths {
  readonly genesis: string | undefined;
  readonly import: string | undefined;
}

/** What was in them. */
export interface InputFiles {
  readonly genesis: string | undefined;
  readonly blocks: Uint8Array | undefined;
}

/** Reads the files of --genesis and --import, before the permission to read is dropped. Throws {@link StartError}. */
export async function readInputFiles(paths: InputPaths): Promise<InputFiles> {
  const [genesis, blocks] = await Promise.all([readFile("genesis", paths.genesis), readFile("import", paths.import)]);
  return { genesis: genesis === undefined ? undefined : new TextDecoder().decode(genesis), blocks };
}

/** A permission that a flag asks for: the kind, and the path that it is for. */
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
  /** What to change. */
  readonly hint?: string | undefined;
}

/** Puts into one line which file cannot be used, and why. */
export function fileFault({ flag, path = "", cause, hint }: FileFault): StartError {
  const advice = hint === undefined ? "" : `; ${hint}`;
  return new StartError(`--${flag}: cannot use ${JSON.stringify(path)}: ${cause.message}${advice}`, { cause });
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
