import type { Address } from "../primitives/types.ts";
import type { Logger } from "../app/log.ts";
import { StartRefused } from "./errors.ts";
import type { AccountManager } from "./manager.ts";
import { isLoopback } from "../text/host_port.ts";
import { admitsEveryPage, admitStartUnlock, type Exposure } from "./unlock_policy.ts";
import { checksumAddress } from "../primitives/checksum.ts";

export interface StartUnlock {
  /** --unlock: addresses, or (as in geth) places in the list of accounts. */
  readonly unlock: readonly string[];
  /** --password's lines; the last serves for all further accounts. Undefined without --password. */
  readonly passwords: readonly string[] | undefined;
  readonly log: Logger;
}

/**
 * Unlocks the accounts of --unlock, and warns when others can spend from unlocked accounts. Throws {@link StartRefused} with
 * geth's texts (cmd/geth/main.go, unlockAccounts) when the start must not go on.
 */
export async function unlockAtStart(accounts: AccountManager, options: StartUnlock): Promise<void> {
  const { unlock, passwords, log } = options;
  // The guard is checked for all of them before any key is in memory.
  if (unlock.length > 0 && accounts.exposure.insecureUnlock === "off") admitStartUnlock(accounts.exposure, "keystore");
  const addresses: Address[] = [];
  for (const text of unlock) addresses.push(await resolve(accounts, { text, log }));
  for (const address of addresses) admitStartUnlock(accounts.exposure, accounts.kindOf(address));
  for (const [at, address] of addresses.entries()) {
    if (accounts.kindOf(address) === "dev") continue;
    const password = passwords?.[Math.min(at, passwords.length - 1)];
    if (password === undefined) throw new StartRefused("--unlock needs --password FILE with a line for each account");
    // geth tries the same line three times before it gives up; the answer cannot change, so once is enough.
    await accounts.unlockForStart(address, password).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      throw new StartRefused(`Failed to unlock account ${unlock[at]} (${reason})`);
    });
    log.info("Unlocked account", { address: checksumAddress(address) });
  }
  warnOfExposure(accounts, log);
}

/** Warns of the programs and pages that can spend from unlocked accounts while --allow-insecure-unlock is given. */
function warnOfExposure(accounts: AccountManager, log: Logger): void {
  const { exposure } = accounts;
  if (!exposure.networkEndpoint || exposure.insecureUnlock === "off") return;
  const open = accounts.unlockedAddresses().map(checksumAddress);
  const fields = { address: exposure.address, programs: programsOf(exposure), pages: pagesOf(exposure) };
  if (open.length > 0) log.warn("Unlocked accounts can be spent from", { accounts: open.join(","), ...fields });
  else log.warn("Accounts may be unlocked over the network", fields);
}

function programsOf({ address, authenticated = false }: Exposure): string {
  if (authenticated) return "those that show a credential";
  return isLoopback(address) ? "all on this machine" : `all that can reach ${address}`;
}

function pagesOf({ origins }: Exposure): string {
  if (admitsEveryPage(origins)) return "all";
  return origins.length === 0 ? "those of this machine" : `those of ${origins.join(",")}`;
}

async function resolve(accounts: AccountManager, { text, log }: { text: string; log: Logger }): Promise<Address> {
  const digits = text.replace(/^0x/i, "");
  if (/^[0-9a-f]{40}$/i.test(digits)) return `0x${digits.toLowerCase()}`;
  if (!/^\d{1,9}$/.test(text)) {
    throw new StartRefused(`Could not list accounts: invalid account address or index ${JSON.stringify(text)}`);
  }
  log.warn("Referring to accounts by order in the keystore folder is dangerous, please use addresses", { index: text });
  const list = (await accounts.list()).filter((address) => accounts.kindOf(address) === "keystore");
  const address = list[Number(text)];
  if (address !== undefined) return address;
  throw new StartRefused(`Could not list accounts: index ${text} higher than number of accounts ${list.length}`);
}
