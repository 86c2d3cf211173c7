import type { ByteSink } from "../line_writer.ts";
import { type FileGrant, requireFilePermission } from "./named_file.ts";
import { StartError } from "./start_error.ts";

/** The name of the standard output on a command line. */
const STANDARD_OUTPUT = "-";
/** Who may read what others have done: nobody but the owner. */
const MODE = 0o600;

/** A place for the audit log, which stays open when the permission is given back. */
export interface AuditFile extends ByteSink {
  close(): void;
}

/** Opens the file of --audit for appending; undefined where none is named. Throws {@link StartError}. */
export async function openAuditFile(path: string | undefined): Promise<AuditFile | undefined> {
  if (path === undefined) return undefined;
  if (path === STANDARD_OUTPUT) return { write: (bytes) => Deno.stdout.write(bytes), close() {} };
  for (const grant of auditGrants(path)) requireFilePermission("audit", grant);
  try {
    return await Deno.open(path, { append: true, create: true, mode: MODE });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split("\n", 1)[0] : cause;
    throw new StartError(`--audit: cannot write ${JSON.stringify(path)}: ${reason}`, { cause });
  }
}

/** Returns the permission that the file of --audit needs until it is open. */
export function auditGrants(path: string | undefined): readonly FileGrant[] {
  return path === undefined || path === STANDARD_OUTPUT ? [] : [{ name: "write", scope: path }];
}
