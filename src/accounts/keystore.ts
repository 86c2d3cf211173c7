import type { Address } from "../primitives/types.ts";
import type { Logger } from "../app/log.ts";
import { RpcError, serverError } from "../rpc/error.ts";
import { ambiguousKey, KeyFileError, keystoreUnavailable, noKey, StartRefused } from "./errors.ts";
import { keyFileName, withAddressLock, writeKeyFile } from "./key_file.ts";
import { KeyedMutex } from "../concurrency/keyed_mutex.ts";
import { addressOfKey } from "./signer.ts";
import { decryptKey, encryptKey, LIGHT_KDF, parseKeyFile, STANDARD_KDF } from "./v3.ts";

/** The most bytes of a key file; a v3 file with 64-byte fields has less than 1 KiB. */
const MAX_KEY_FILE_BYTES = 64 * 1024;
/** The coarsest file times in use (FAT's are 2 s). */
const CLOCK_GRAIN_MS = 2000;
const SCAN = "scan";

/** One key file: the address of its key, and its path. */
export interface KeyFile {
  readonly address: Address;
  readonly path: string;
}

interface ScannedFile {
  /** Changes when the file does. */
  readonly stamp: string;
  /** Undefined for a file without a usable key. */
  readonly address: Address | undefined;
}

export interface KeystoreOptions {
  readonly folder: string;
  /** --lightkdf. */
  readonly light: boolean;
  readonly log: Logger;
}

/**
 * A folder of Web3 Secret Storage v3 files that may be shared with geth. The folder is read again when it has changed.
 * Each file without a usable key is named once in the log and never touched.
 */
export class Keystore {
  readonly folder: string;
  readonly #options: KeystoreOptions;
  readonly #locks = new KeyedMutex();
  #files = new Map<string, ScannedFile>();
  #folderStamp = "";

  private constructor(options: KeystoreOptions) {
    this.folder = options.folder.replace(/(?<=.)\/+$/, "");
    this.#options = options;
  }

  /** Opens the folder, and makes it (for its owner alone) if it is missing. Throws StartRefused when it cannot be used. */
  static async open(options: KeystoreOptions): Promise<Keystore> {
    const keystore = new Keystore(options);
    try {
      await Deno.mkdir(keystore.folder, { recursive: true, mode: 0o700 });
      await keystore.#scanIfChanged();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new StartRefused(`Cannot open the keystore ${options.folder}: ${reason}`, { cause });
    }
    return keystore;
  }

  /** Returns the keys in the order of their file names, which for geth's names is the order of their creation. */
  async files(): Promise<KeyFile[]> {
    try {
      await this.#locks.run(SCAN, () => this.#scanIfChanged());
    } catch (cause) {
      throw keystoreUnavailable(cause);
    }
    return [...this.#files].flatMap(([name, { address }]) =>
      address === undefined ? [] : [{ address, path: `${this.folder}/${name}` }]
    );
  }

  /** Decrypts an account's key; throws WrongPassword, or geth's errors when there is no such file, or two of them. */
  async open(address: Address, options: { password: string; signal?: AbortSignal | undefined }): Promise<Uint8Array> {
    const found = (await this.files()).filter((file) => file.address === address);
    if (found.length > 1) throw ambiguousKey(found.map(({ path }) => path));
    const path = found[0]?.path;
    if (path === undefined) throw noKey();
    try {
      return await decryptKey(parseKeyFile(await readSmall(path)), options);
    } catch (error) {
      // The file was damaged after the last scan, or its key belongs to another account.
      if (error instanceof KeyFileError) throw serverError(`unusable key file of ${address}: ${error.message}`);
      if (error instanceof Deno.errors.NotFound) throw noKey();
      if (isDiskFault(error)) throw keystoreUnavailable(error);
      throw error;
    }
  }

  /** Encrypts a key into a new file; throws `account already exists` when the folder has one for its address. */
  async add(privateKey: Uint8Array, options: { password: string; signal?: AbortSignal | undefined }): Promise<KeyFile> {
    const address = addressOfKey(privateKey);
    return await this.#locks.run(address, async () => {
      await this.#requireNew(address);
      const kdf = this.#options.light ? LIGHT_KDF : STANDARD_KDF;
      const text = await encryptKey(privateKey, { ...options, kdf });
      const path = `${this.folder}/${keyFileName(address, new Date())}`;
      try {
        // Another process may import the same key into the same folder.
        await withAddressLock({ folder: this.folder, address }, async () => {
          this.#folderStamp = "";
          await this.#requireNew(address);
          await writeKeyFile(path, text);
        });
      } catch (error) {
        throw error instanceof RpcError ? error : keystoreUnavailable(error);
      }
      return { address, path };
    });
  }

  async #requireNew(address: Address): Promise<void> {
    if ((await this.files()).some((file) => file.address === address)) throw serverError("account already exists");
  }

  async #scanIfChanged(): Promise<void> {
    const folder = await Deno.stat(this.folder);
    const stamp = stampOf(folder);
    // Adding, removing and renaming a file change the folder's time; a rewritten file is read again when it is opened.
    if (stamp === this.#folderStamp) return;
    const settled = Date.now() - (folder.mtime?.getTime() ?? Infinity) > CLOCK_GRAIN_MS;
    this.#files = await this.#scan();
    // Another change within the same tick of the file system's clock would not show, so a fresh stamp is not trusted.
    this.#folderStamp = settled ? stamp : "";
  }

  async #scan(): Promise<Map<string, ScannedFile>> {
    const names: string[] = [];
    for await (const entry of Deno.readDir(this.folder)) {
      // As in geth's accounts/keystore/file_cache.go, backups of editors, hidden files, folders and links are no key files.
      if (entry.isFile && !entry.name.startsWith(".") && !entry.name.endsWith("~")) names.push(entry.name);
    }
    const files = new Map<string, ScannedFile>();
    for (const name of names.sort()) {
      const file = await this.#inspect(name);
      if (file !== undefined) files.set(name, file);
    }
    return files;
  }

  async #inspect(name: string): Promise<ScannedFile | undefined> {
    const path = `${this.folder}/${name}`;
    let stamp = "";
    try {
      stamp = stampOf(await Deno.lstat(path));
      const known = this.#files.get(name);
      if (known?.stamp === stamp) return known;
      return { stamp, address: parseKeyFile(await readSmall(path)).address };
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      const reason = error instanceof KeyFileError
        ? error.message
        : error instanceof Deno.errors.PermissionDenied
        ? "may not be read"
        : "could not be read";
      this.#options.log.warn("Skipped a file of the keystore", { file: name, reason });
      return { stamp, address: undefined };
    }
  }
}

/** Returns true for errors of the operating system, which are neither an RpcError nor an error of a key file. */
function isDiskFault(error: unknown): boolean {
  return error instanceof Error &&
    ("code" in error || Object.values(Deno.errors).some((type) => error instanceof type)) &&
    !(error instanceof RpcError);
}

function stampOf({ mtime, size, ino }: Deno.FileInfo): string {
  return `${mtime?.getTime()} ${size} ${ino}`;
}

async function readSmall(path: string): Promise<string> {
  if ((await Deno.stat(path)).size > MAX_KEY_FILE_BYTES) throw new KeyFileError("too large for a key file");
  return await Deno.readTextFile(path);
}
