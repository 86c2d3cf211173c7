import type { Address } from "../eth/types.ts";

/** Names a new key file as geth does (accounts/keystore/key.go): the time in UTC, colons replaced, then the address. */
export function keyFileName(address: Address, made: Date): string {
  // Nine digits of a second in geth's form; this clock knows the first three.
  const time = made.toISOString().replaceAll(":", "-").replace("Z", "000000Z");
  return `UTC--${time}--${address.slice(2)}`;
}

/**
 * Writes a key file so that it is there whole or not at all, and for its owner alone: a hidden file in the same folder,
 * synced, then renamed. geth skips hidden files, and a folder shared with it never shows half a key.
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

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) written += await file.write(bytes.subarray(written));
}

/** A permission of Deno's: the kind, and the path that it is for. */
export interface FolderGrant {
  readonly name: "read" | "write";
  readonly scope: string;
}

/** What the process must still be allowed when everything else has been dropped, with --keystore. */
export function keystoreGrants(folder: string): FolderGrant[] {
  return [{ name: "read", scope: folder }, { name: "write", scope: folder }];
}
