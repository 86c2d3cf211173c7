import type { Address } from "../primitives/types.ts";

/** Names a new key file as geth does (accounts/keystore/key.go): the time in UTC, colons replaced, then the address. */
export function keyFileName(address: Address, made: Date): string {
  // geth writes nine digits of a second; this clock has the first three.
  const time = made.toISOString().replaceAll(":", "-").replace("Z", "000000Z");
  return `UTC--${time}--${address.slice(2)}`;
}

/**
 * Writes a key file whole or not at all, and readable for its owner alone: first a hidden file in the same folder, synced,
 * which is then renamed. geth skips hidden files, so it never reads half a key in a shared folder.
 */
export async function writeKeyFile(path: string, text: string): Promise<void> {
  const cut = path.lastIndexOf("/") + 1;
  const draft = `${path.slice(0, cut)}.${path.slice(cut)}.${crypto.randomUUID()}.tmp`;
  try {
    const file = await Deno.open(draft, { write: true, createNew: true, mode: 0o600 });
    try {
      await writeAll(file, new TextEncoder().encode(text));
      await file.sync();
    } finally {
      file.close();
    }
    await Deno.rename(draft, path);
  } catch (error) {
    await Deno.remove(draft).catch(() => undefined);
    throw error;
  }
}

/** The age of a lock whose process must have been killed, because the guarded work takes milliseconds. */
const STALE_LOCK_MS = 10_000;
const LOCK_RETRY_MS = 20;

/**
 * Runs `work` while no other process that shares the folder does so for the same address. The lock is a hidden file, which
 * geth skips, and which only one process can create.
 */
export async function withAddressLock<T>(
  { folder, address }: { readonly folder: string; readonly address: Address },
  work: () => Promise<T>,
): Promise<T> {
  const path = `${folder}/.${address.slice(2)}.lock`;
  while (!await createLock(path)) {
    await removeStaleLock(path);
    await new Promise((resolve) => setTimeout(resolve, LOCK_RETRY_MS));
  }
  try {
    return await work();
  } finally {
    await Deno.remove(path).catch(() => undefined);
  }
}

async function createLock(path: string): Promise<boolean> {
  try {
    (await Deno.open(path, { write: true, createNew: true, mode: 0o600 })).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
}

async function removeStaleLock(path: string): Promise<void> {
  try {
    const { mtime } = await Deno.lstat(path);
    if (Date.now() - (mtime?.getTime() ?? 0) > STALE_LOCK_MS) await Deno.remove(path);
  } catch (error) {
    // The process that held it has just removed it.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) written += await file.write(bytes.subarray(written));
}

/** A permission of Deno's: the kind, and the path that it is for. */
export interface FolderGrant {
  readonly name: "read" | "write";
  readonly scope: string;
}

/** The permissions that --keystore needs when all others have been dropped. */
export function keystoreGrants(folder: string): FolderGrant[] {
  return [{ name: "read", scope: folder }, { name: "write", scope: folder }];
}
