import { type RpcError, serverError } from "../rpc/error.ts";

/** Names an address that no wallet holds (geth's accounts/errors.go). */
export function unknownAccount(): RpcError {
  return serverError("unknown account");
}

/** Names a key that is not in memory (geth's accounts.AuthNeededError). */
export function locked(): RpcError {
  return serverError("authentication needed: password or unlock");
}

/** Names an address without a key file, where geth asks its keystore rather than its wallets. */
export function noKey(): RpcError {
  return serverError("no key for given address or file");
}

/** Names two key files of one address; geth will not choose between them either. */
export function ambiguousKey(files: readonly string[]): RpcError {
  return serverError(`multiple keys match address (${files.join(",")})`);
}

/** Says that there is no `--keystore`. */
export function noKeystore(): RpcError {
  return serverError("local keystore not used");
}

/** The messages for errors of the operating system about the keystore folder or a file in it; none of them names a path. */
const DISK_FAULTS: readonly [is: (error: unknown) => boolean, reason: string][] = [
  [(error) => codeOf(error) === "ENOSPC", "no space is left on the device"],
  [(error) => codeOf(error) === "EDQUOT", "the disk quota is used up"],
  [(error) => codeOf(error) === "EROFS", "the file system is read-only"],
  [
    (error) => codeOf(error) === "ENOTDIR" || error instanceof Deno.errors.NotADirectory,
    "the folder is no folder any more",
  ],
  [(error) => error instanceof Deno.errors.NotFound, "the folder is missing"],
  [(error) => error instanceof Deno.errors.PermissionDenied, "permission was denied"],
  [(error) => error instanceof Deno.errors.NotCapable, "this process may not use the folder"],
];

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

/** Makes the error for a fault of the keystore folder. It leaves out the path, which clients must not learn. */
export function keystoreUnavailable(cause: unknown): RpcError {
  const reason = DISK_FAULTS.find(([is]) => is(cause))?.[1] ?? "the folder could not be used";
  return serverError(`keystore unavailable: ${reason}`, { cause });
}

/** A password that does not open its key file. Only this error counts as a guess. */
export class WrongPassword extends Error {
  override readonly name = "WrongPassword";

  constructor() {
    super("could not decrypt key with given password");
  }
}

/** A file that holds no key this server can use; the message says why and quotes nothing from the file. */
export class KeyFileError extends Error {
  override readonly name = "KeyFileError";
}

/** A start that must not go on; the message is the one that geth prints after `Fatal: `. */
export class StartRefused extends Error {
  override readonly name = "StartRefused";
}
