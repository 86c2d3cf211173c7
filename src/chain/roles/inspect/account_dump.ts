import { Pacer } from "../../../concurrency/pacer.ts";
import { checksumAddress } from "../../../primitives/checksum.ts";
import { bytesToHex } from "../../../primitives/hex.ts";
import type { Address, Hash } from "../../../primitives/types.ts";
import { RawJson } from "../../../rpc/raw_json.ts";
import type { HashedAccount, World } from "../../../state/world.ts";

/** A page of accounts of one state. */
export interface DumpPage {
  /** The first hashed address, a binary string. */
  readonly start: string;
  readonly max: number;
  readonly withCode: boolean;
  readonly withStorage: boolean;
  readonly signal: AbortSignal;
}

/** Encodes accounts as geth's state.Dump: a map by checksummed address, which Go writes in the order of its keys. */
export async function dumpAccounts(world: World, page: DumpPage): Promise<RawJson> {
  const pacer = new Pacer({ signal: page.signal });
  const accounts: [key: string, json: string][] = [];
  let next: Hash | undefined;
  for (const item of world.accountsFrom(page.start)) {
    if (accounts.length === page.max) {
      next = item.hashedAddress;
      break;
    }
    accounts.push([checksumAddress(item.address), await accountJson(world, item, { page, pacer })]);
    await pacer.breathe();
  }
  accounts.sort(([one], [other]) => one < other ? -1 : 1);
  const members = accounts.map(([key, json]) => `"${key}":${json}`);
  const rest = next === undefined ? "" : `,"next":"${next}"`;
  return new RawJson(`{"root":"${world.root().slice(2)}","accounts":{${members.join(",")}}${rest}}`);
}

async function accountJson(
  world: World,
  { address, account, hashedAddress }: HashedAccount,
  { page, pacer }: { readonly page: DumpPage; readonly pacer: Pacer },
): Promise<string> {
  const code = page.withCode ? world.code(address) : new Uint8Array(0);
  const storage = page.withStorage ? await storageJson(world, address, pacer) : "";
  return `{"balance":"${account.balance}","nonce":${account.nonce},"root":"${world.storageRoot(address)}",` +
    `"codeHash":"${account.codeHash}",${code.length === 0 ? "" : `"code":"${bytesToHex(code)}",`}` +
    `${storage === "" ? "" : `"storage":{${storage}},`}"address":"${address}","key":"${hashedAddress}"}`;
}

async function storageJson(world: World, address: Address, pacer: Pacer): Promise<string> {
  const slots: [slot: Hash, value: string][] = [];
  for (const { slot, value } of world.slotsFrom(address, "")) {
    const digits = BigInt(value).toString(16);
    slots.push([slot, digits.padStart(digits.length + digits.length % 2, "0")]);
    await pacer.breathe();
  }
  slots.sort(([one], [other]) => one < other ? -1 : 1);
  return slots.map(([slot, value]) => `"${slot}":"${value}"`).join(",");
}
