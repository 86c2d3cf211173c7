/**
 * The accounts that sign: the embedded chain's own, which are always open, and those of a keystore folder, which are
 * open only while their password has unlocked them. Here live the key files, the keys in memory, the guard on unlocking
 * (`unlock_policy.ts`, a pure function: read it first), the limit on guesses, and the signing of messages and typed data.
 * `README.md` describes what users can rely on.
 *
 * May import `concurrency/`, `text/`, `primitives/`, `crypto/`, `rpc/` for its errors and schemas, and `log.ts` for the
 * logger's type; npm's noble and `node:crypto` for the cryptography. It knows no chain: a transaction is a 32-byte digest
 * here.
 *
 * You are in the wrong place when you look for nonces, gas and fees (`chain/`), for a method's parameters
 * (`namespaces/personal.ts`, `namespaces/eth/account.ts`, `namespaces/eth/sign.ts`), or for a flag (`cli/`).
 */
import type { Clock } from "../concurrency/clock.ts";
import type { Logger } from "../app/log.ts";
import type { Keystore } from "./keystore.ts";
import { AccountManager, type DevAccount } from "./manager.ts";
import type { Exposure } from "./unlock_policy.ts";

export { StartRefused } from "./errors.ts";

export { keystoreGrants } from "./key_file.ts";
export { AccountManager, type DevAccount, digestBytes, type PasswordUse } from "./manager.ts";
export { messageDigest, parsePrivateKey, recoverMessageSigner, signatureData } from "./signer.ts";
export { readPasswords } from "./password_file.ts";
export { unlockAtStart } from "./start.ts";
export { typedData } from "./typed_data.ts";
export { type EndpointExposure, type Exposure, policyTable, widestExposure } from "./unlock_policy.ts";

export interface AccountsOptions {
  readonly devAccounts: readonly DevAccount[];
  /** --keystore and --lightkdf; without it no file is touched and no permission asked for. */
  readonly keystore?: { readonly folder: string; readonly light: boolean } | undefined;
  readonly exposure: Exposure;
  readonly log: Logger;
  /** The machine's when absent. */
  readonly clock?: Clock | undefined;
}

/** Opens the keystore, if there is one, and makes one manager for all accounts. */
export async function createAccounts(options: AccountsOptions): Promise<AccountManager> {
  const { devAccounts, exposure, log, clock } = options;
  const keystore = options.keystore === undefined ? undefined : await openKeystore(options.keystore, log);
  return new AccountManager({ devAccounts, keystore, exposure, log, clock });
}

async function openKeystore(
  options: { readonly folder: string; readonly light: boolean },
  log: Logger,
): Promise<Keystore> {
  // Its cryptography (node:crypto) takes 45 ms to load (measured), so it is loaded only for a keystore.
  const { Keystore } = await import("./keystore.ts");
  return await Keystore.open({ ...options, log });
}
