import type { Address, Hash } from "../../primitives/types.ts";
import { bytesToHex, hexToBytes, quantity, wordHex } from "../../primitives/hex.ts";
import { type RpcError, serverError } from "../../rpc/error.ts";
import type { RawJson } from "../../rpc/raw_json.ts";
import { type BaseAccount, type ForeseenCall, Misses } from "../../state/base.ts";
import { codeOf } from "../../state/code.ts";
import type { RemoteSource } from "../source.ts";
import { accountOf } from "../facts/account.ts";

/** Slots of one account. */
export type SlotKey = readonly [address: Address, slot: bigint];

/** The accounts and slots of one foreseen call that are taken at most. */
const MAX_FORESEEN = 10_000;

/** Asks for an account; null when there is none. */
export async function askAccount(source: RemoteSource, address: Address): Promise<BaseAccount | null> {
  const [balance, nonce, code] = await Promise.all([
    source.atBlock("eth_getBalance", [address]),
    source.atBlock("eth_getTransactionCount", [address]),
    source.atBlock("eth_getCode", [address]),
  ]);
  return accountOf({
    balance: numberOf("eth_getBalance", balance),
    nonce: numberOf("eth_getTransactionCount", nonce),
    code: codeOf(hexToBytes(dataOf("eth_getCode", code))),
  });
}

/** Asks for one slot. */
export async function askSlot(source: RemoteSource, [address, slot]: SlotKey): Promise<bigint> {
  return numberOf("eth_getStorageAt", await source.atBlock("eth_getStorageAt", [address, wordHex(slot)]));
}

/** Asks for many slots in one question, which newer nodes answer (execution-apis). The values have the order of the keys. */
export async function askSlots(source: RemoteSource, keys: readonly SlotKey[]): Promise<bigint[]> {
  const method = "eth_getStorageValues";
  const asked: Record<Address, Hash[]> = {};
  for (const [address, slot] of keys) (asked[address] ??= []).push(wordHex(slot));
  const answer = await source.atBlock(method, [asked]);
  const values: unknown = answer.decode();
  if (typeof values !== "object" || values === null) throw malformed(method);
  const byAddress = new Map(Object.entries(values).map(([address, list]) => [address.toLowerCase(), list]));
  const next = new Map<Address, number>();
  return keys.map(([address]) => {
    const index = next.get(address) ?? 0;
    next.set(address, index + 1);
    const list: unknown = byAddress.get(address);
    return wordOf(method, Array.isArray(list) ? list[index] : undefined);
  });
}

/** Asks for the hash of a block below the forked one. */
export async function askBlockHash(source: RemoteSource, number: bigint): Promise<Hash> {
  const method = "eth_getBlockByNumber";
  // A number leads to the branch that is the node's now: it must be the one with the forked block.
  const [block, forked] = await Promise.all([
    source.ask(method, [quantity(number), false]),
    source.ask(method, [quantity(source.block.number), false]),
  ]);
  if (hashOf(forked) !== source.block.hash) {
    throw serverError(`block ${source.block.hash}, which this chain forks, is no longer part of the upstream's chain`);
  }
  const hash = hashOf(block);
  if (hash === undefined) throw malformed(method);
  return hash;
}

/** Asks a node to run a call and tell what it reads. */
export async function askForeseen(source: RemoteSource, call: ForeseenCall): Promise<Misses> {
  const { from, to, value, data } = call;
  const request = {
    from,
    ...to === null ? {} : { to },
    ...value === 0n ? {} : { value: quantity(value) },
    input: bytesToHex(data),
  };
  const answer = (await source.atBlock("eth_createAccessList", [request])).decode() as {
    accessList?: readonly { readonly address: Address; readonly storageKeys?: readonly Hash[] | null }[];
  } | null;
  const foreseen = new Misses();
  let count = 0;
  for (const { address, storageKeys } of answer?.accessList ?? []) {
    if (!/^0x[0-9a-f]{40}$/i.test(address)) throw malformed("eth_createAccessList");
    const known: Address = `0x${address.slice(2).toLowerCase()}`;
    foreseen.accounts.add(known);
    for (const key of storageKeys ?? []) {
      if (++count > MAX_FORESEEN) return foreseen;
      foreseen.addSlot(known, wordOf("eth_createAccessList", key));
    }
  }
  return foreseen;
}

function numberOf(method: string, answer: RawJson): bigint {
  return wordOf(method, answer.decode());
}

function wordOf(method: string, value: unknown): bigint {
  if (typeof value !== "string" || !/^0x[0-9a-fA-F]{1,64}$/.test(value)) throw malformed(method);
  return BigInt(value);
}

function dataOf(method: string, answer: RawJson): Hash {
  const value = answer.decode();
  if (typeof value !== "string" || !/^0x([0-9a-fA-F]{2})*$/.test(value)) throw malformed(method);
  return value as Hash;
}

function hashOf(block: RawJson): Hash | undefined {
  const { hash } = (block.decode() ?? {}) as { readonly hash?: unknown };
  return typeof hash === "string" && /^0x[0-9a-f]{64}$/.test(hash) ? hash as Hash : undefined;
}

function malformed(method: string): RpcError {
  return serverError(`the upstream answered ${method} with something else than it must be`);
}
