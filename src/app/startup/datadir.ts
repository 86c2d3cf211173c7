import type { Database } from "../../chain/journal/database.ts";
import { JournalError } from "../../chain/journal/journal_error.ts";
import type { FactDatabase } from "../../fork/facts/fact_database.ts";
import { logger } from "../log.ts";
import { type FileGrant, requireFilePermission } from "./named_file.ts";
import { StartError } from "./start_error.ts";

/** The flags about the folder that a chain is kept in. */
export interface DatadirPaths {
  readonly datadir?: string | undefined;
  readonly "datadir.sync"?: boolean;
  readonly "fork.url"?: readonly string[];
}

/** The permissions for the folder. They are needed once: SQLite goes on writing without them (measured). */
export function datadirGrants({ datadir: scope }: DatadirPaths): readonly FileGrant[] {
  return scope === undefined ? [] : [{ name: "read", scope }, { name: "write", scope }];
}

/** What a folder holds: a chain, or what other nodes have told of theirs. */
export interface OpenDatadir {
  readonly database?: Database;
  readonly facts?: FactDatabase;
}

/** Opens the file in the folder; nothing without --datadir. Throws {@link StartError}. */
export async function openDatadir(paths: DatadirPaths): Promise<OpenDatadir> {
  const { datadir: folder } = paths;
  if (folder === undefined) return {};
  for (const grant of datadirGrants(paths)) requireFilePermission("datadir", grant);
  const isFork = (paths["fork.url"] ?? []).length > 0;
  return isFork ? { facts: await openFacts(folder) } : { database: await openChain(folder, paths) };
}

async function openChain(folder: string, paths: DatadirPaths): Promise<Database> {
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

async function openFacts(folder: string): Promise<FactDatabase> {
  const { FactDatabase, FactDatabaseError } = await import("../../fork/facts/fact_database.ts");
  try {
    return FactDatabase.open(folder, {
      onError: (error) => logger("fork").error("Writing to --datadir failed: nothing more is kept", { error }),
    });
  } catch (cause) {
    throw cause instanceof FactDatabaseError ? new StartError(`--datadir: ${cause.message}`, { cause }) : cause;
  }
}
