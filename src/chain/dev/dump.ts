import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Address, Data, Hash } from "../../eth/types.ts";
import { encodeBlock, encodeReceipts } from "../block_codec.ts";
import type { BlockRecord } from "../block_record.ts";
import type { ChainCore } from "../core.ts";
import { worldOf } from "../core.ts";
import { Pacer } from "../evm/pacer.ts";
import type { Header } from "../header.ts";
import { data, quantity } from "../hex.ts";
import type { World } from "../state/world.ts";
import { blockJson } from "../wire/header.ts";
import type { DumpedAccount, DumpedBlock, DumpedState } from "./dump_format.ts";
import { revmCode } from "./revm_code.ts";

/**
 * The chain as gzipped JSON in the format of anvil's SerializableState, which loads it: the head's accounts, the head's
 * header, and with `history` the accounts of each block. The blocks themselves are a member of this program's own.
 */
export async function dumpState(core: ChainCore, history: boolean): Promise<Data> {
  const { head, genesis } = core.store;
  const pacer = new Pacer({});
  const historical: [Hash, DumpedState][] = [];
  const blocks: DumpedBlock[] = [];
  for (let number = genesis.number; number <= head.number; number++) {
    const record = core.store.at(number);
    if (record === null) continue;
    if (record !== genesis) blocks.push(dumpedBlock(record));
    if (history && record !== head && record.world !== null) {
      historical.push([record.hash, await stateOf(record.world, pacer)]);
    }
    await pacer.breathe();
  }
  const state = {
    block: environment(core, head.header),
    accounts: await accountsOf(worldOf(head), pacer),
    best_block_number: Number(head.number),
    // anvil loads nothing without its head's header. Its form of transactions has traces, which are not kept here.
    blocks: [{ header: headerFields(head), transactions: [], ommers: [], withdrawals: null }],
    transactions: [],
    historical_states: history ? historical : null,
    sallyport: { chainId: quantity(core.forks.config.chainId), blocks },
  };
  return data(await promisify(gzip)(JSON.stringify(state)));
}

function dumpedBlock(record: BlockRecord): DumpedBlock {
  const body = record.body();
  return {
    block: `0x${encodeBlock(record.header, body)}`,
    receipts: `0x${encodeReceipts(record.receipts())}`,
    senders: body.transactions.map(({ sender }) => sender),
    impersonated: body.transactions.flatMap(({ impersonated }, index) => impersonated ? [index] : []),
  };
}

/** revm's BlockEnv. */
function environment(core: ChainCore, header: Header): Record<string, unknown> {
  return {
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
  };
}

function headerFields({ header, hash }: BlockRecord): Record<string, unknown> {
  const { hash: _hash, ...fields } = blockJson(header, hash).decode() as Record<string, unknown>;
  return fields;
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

async function stateOf(world: World, pacer: Pacer): Promise<DumpedState> {
  const accounts: Record<Address, DumpedState["accounts"][Address]> = {};
  const storage: Record<Address, Record<Hash, Hash>> = {};
  for (const [address, { nonce, balance, codeHash }] of world.accounts()) {
    const code = revmCode(world.code(address));
    accounts[address] = { balance: quantity(balance), nonce: Number(nonce), code_hash: codeHash, code };
    storage[address] = Object.fromEntries(world.slots(address));
    await pacer.breathe();
  }
  return { accounts, storage, block_hashes: {} };
}
