import { StartError } from "./start_error.ts";

/** The files that flags name, by flag. */
export interface InputPaths {
  readonly genesis: string | undefined;
  readonly import: string | undefined;
  readonly password: string | undefined;
}

/** What was in them. */
export interface InputFiles {
  readonly genesis: string | undefined;
  readonly blocks: Uint8Array | undefined;
  /** The lines of the password file. */
  readonly passwords: readonly string[];
}

/** Reads every file that a flag names, before the permission to read is dropped. Throws {@link StartError}. */
export async function readInputFiles(paths: InputPaths): Promise<InputFiles> {
  const [genesis, blocks, password] = await Promise.all([
    readFile("genesis", paths.genesis),
    readFile("import", paths.import),
    readFile("password", paths.password),
  ]);
  return {
    genesis: decode(genesis),
    blocks,
    // Lines as geth's MakePasswordList splits them: a carriage return is not part of a password.
    passwords: decode(password)?.replace(/\n$/, "").split("\n").map((line) => line.replace(/\r+$/, "")) ?? [],
  };
}

function decode(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

async function readFile(flag: string, path: string | undefined): Promise<Uint8Array | undefined> {
  if (path === undefined) return undefined;
  // Asking first: where the permission is neither given nor denied, reading would raise a prompt.
  if (Deno.permissions.querySync({ name: "read", path }).state !== "granted") {
    throw new StartError(`--${flag}: reading ${JSON.stringify(path)} is not permitted: add --allow-read=${path}`);
  }
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
