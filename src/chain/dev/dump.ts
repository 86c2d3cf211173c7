import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { Address, Data, Hash } from "../../eth/types.ts";
import { invalidParams } from "../../rpc/error.ts";
import type { ChainCore } from "../core.ts";
import { worldOf } from "../core.ts";
import { bytes, data, quantity, word } from "../hex.ts";
import { Pacer } from "../evm/pacer.ts";
import type { World } from "../state/world.ts";

/** An account as anvil's SerializableAccountRecord has it. */
interface DumpedAccount {
  readonly nonce: number | string;
  readonly balance: string;
  readonly code: Data;
  readonly storage: { readonly [slot: string]: string };
}

const GZIP_MAGIC = 0x1f;
/** Inflated dumps are not larger, bytes. */
const MAX_STATE_BYTES = 512 * 1024 * 1024;

/** The head's accounts, gzipped JSON in the format of anvil's SerializableState. */
export async function dumpState(core: ChainCore, history: boolean): Promise<Data> {
  const { head, genesis } = core.store;
  const pacer = new Pacer({});
  const historical: Record<Hash, unknown> = {};
  if (history) {
    for (let number = genesis.number; number < head.number; number++) {
      const record = core.store.at(number);
      if (record !== null && record.world !== null) historical[record.hash] = await accountsOf(record.world, pacer);
    }
  }
  const { header } = head;
  const state = {
    block: {
      number: quantity(header.number),
      beneficiary: header.coinbase,
      timestamp: quantity(header.timestamp),
      gas_limit: Number(header.gasLimit),
      basefee: Number(header.baseFeePerGas ?? 0n),
      difficulty: quantity(header.difficulty),
      prevrandao: header.mixHash,
      blob_excess_gas_and_price: {
        excess_blob_gas: Number(header.excessBlobGas ?? 0n),
        blob_gasprice: Number(core.blobGasPrice(header) ?? 0n),
      },
    },
    accounts: await accountsOf(worldOf(head), pacer),
    best_block_number: Number(header.number),
    blocks: [],
    transactions: [],
    historical_states: history ? historical : null,
  };
  return data(await promisify(gzip)(JSON.stringify(state)));
}

async function accountsOf(world: World, pacer: Pacer): Promise<Record<Address, DumpedAccount>> {
  const accounts: Record<Address, DumpedAccount> = {};
  for (const [address, account] of world.accounts()) {
    accounts[address] = {
      nonce: Number(account.nonce),
      balance: quantity(account.balance),
      code: data(world.code(address)),
      storage: Object.fromEntries(world.slots(address)),
    };
    await pacer.breathe();
  }
  return accounts;
}

/** Puts the accounts of a dump over those of the head, as anvil_loadState does. */
export async function loadState(core: ChainCore, dump: Data): Promise<void> {
  const pacer = new Pacer({});
  let world = core.headWorld();
  for (const [address, account] of Object.entries(await readAccounts(dump))) {
    await pacer.breathe();
    const key: Address = `0x${address.replace(/^0x/, "").toLowerCase()}`;
    if (!/^0x[0-9a-f]{40}$/.test(key)) throw invalidParams(`invalid state: ${address} is not an address`);
    try {
      world = world.withBalance(key, BigInt(account.balance)).withNonce(key, BigInt(account.nonce ?? 0));
      world = world.withCode(key, bytes(account.code ?? "0x"));
      const slots = Object.entries(account.storage ?? {}).map(([slot, value]): [Hash, Hash] => [
        word(BigInt(slot)),
        word(BigInt(value)),
      ]);
      world = world.withoutStorage(key).withStorage(key, slots);
    } catch (cause) {
      throw invalidParams(`invalid state: account ${address} has fields that are not numbers or bytes`, { cause });
    }
  }
  core.store.head.world = world;
  core.stateVersion++;
  core.pool.settle();
  core.announce();
}

function inflate(raw: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    gunzip(raw, { maxOutputLength: MAX_STATE_BYTES }, (error, text) => error === null ? resolve(text) : reject(error));
  });
}

async function readAccounts(dump: Data): Promise<Record<string, DumpedAccount>> {
  const raw = bytes(dump);
  try {
    // Older anvil dumps are plain JSON.
    const state = JSON.parse(new TextDecoder().decode(raw[0] === GZIP_MAGIC ? await inflate(raw) : raw));
    if (typeof state?.accounts === "object" && state.accounts !== null) return state.accounts;
  } catch (cause) {
    throw invalidParams("invalid state: expected gzipped JSON as anvil_dumpState gives it", { cause });
  }
  throw invalidParams("invalid state: it has no accounts");
}
