import type { Database } from "../../chain/journal/database.ts";
import { JournalError } from "../../chain/journal/journal_error.ts";
import { logger } from "../log.ts";
import { type FileGrant, requireFilePermission } from "./named_file.ts";
import { StartError } from "./start_error.ts";

/** The flags about the folder that a chain is kept in. */
export interface DatadirPaths {
  readonly datadir?: string | undefined;
  readonly "datadir.sync"?: boolean;
}

/** The permissions for the folder. They are needed once: SQLite goes on writing without them (measured). */
export function datadirGrants({ datadir: scope }: DatadirPaths): readonly FileGrant[] {
  return scope === undefined ? [] : [{ name: "read", scope }, { name: "write", scope }];
}

/** Opens the file of the chain; undefined without --datadir. Throws {@link StartError}. */
export async function openDatadir(paths: DatadirPaths): Promise<Database | undefined> {
  const { datadir: folder } = paths;
  if (folder === undefined) return undefined;
  for (const grant of datadirGrants(paths)) requireFilePermission("datadir", grant);
  const { openDatabase } = await import("../../chain/journal/database.ts");
  try {
    return await openDatabase({
      folder,
      isSynced: paths["datadir.sync"] ?? false,
      onError: (error) => logger("chain").error("Writing to --datadir failed", { error }),
    });
  } catch (cause) {
    throw cause instanceof JournalError ? new StartError(`--datadir: ${cause.message}`, { cause }) : cause;
  }
}
