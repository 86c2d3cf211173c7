import { type FileGrant, requireFilePermission } from "./named_file.ts";
import { StartError } from "./start_error.ts";

/** The permission for the file that is written once. */
export function exportGrants(path: string | undefined): readonly FileGrant[] {
  return path === undefined ? [] : [{ name: "write", scope: path }];
}

/** The file of --export, which is open before the permissions are dropped. */
export class ExportFile {
  readonly #path: string;
  readonly #file: Deno.FsFile;

  constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
  }

  /** Writes all of `bytes` behind what was written before. Throws {@link StartError}. */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length;) at += await this.#file.write(bytes.subarray(at));
    } catch (cause) {
      throw writeError(this.#path, cause);
    }
  }

  close(): void {
    this.#file.close();
  }
}

/** Opens the file, and empties it if it is there; undefined without --export. Throws {@link StartError}. */
export async function openExport(path: string | undefined): Promise<ExportFile | undefined> {
  if (path === undefined) return undefined;
  // By this ending geth knows a compressed file, to write and to read it.
  if (path.endsWith(".gz")) {
    throw new StartError(`--export: ${JSON.stringify(path)} would not be compressed: leave .gz out, and use gzip then`);
  }
  for (const grant of exportGrants(path)) requireFilePermission("export", grant);
  try {
    return new ExportFile(path, await Deno.open(path, { write: true, create: true, truncate: true }));
  } catch (cause) {
    throw writeError(path, cause);
  }
}

function writeError(path: string, cause: unknown): StartError {
  return new StartError(`--export: cannot write ${JSON.stringify(path)}: ${reason(cause)}`, { cause });
}

function reason(cause: unknown): string {
  if (cause instanceof Deno.errors.NotFound) return "there is no such folder";
  if (cause instanceof Deno.errors.PermissionDenied) return "the system does not allow it";
  return cause instanceof Error ? cause.message.split("\n", 1)[0] ?? "" : String(cause);
}
