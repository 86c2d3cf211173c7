import { gunzip } from "node:zlib";
import type { Address, Data, Hash } from "../../../eth/types.ts";
import { invalidParams } from "../../../rpc/error.ts";
import { parseExactly } from "../../../rpc/exact_json.ts";
import { isObject } from "../../../rpc/schema.ts";
import { decodeBlock, decodeReceipts } from "../../store/block_codec.ts";
import { BlockRecord } from "../../store/block_record.ts";
import type { IncludedTransaction } from "../../store/block.ts";
import type { Change } from "../../core/commit.ts";
import type { ChainCore } from "../../core/core.ts";
import { Pacer } from "../../../concurrency/pacer.ts";
import { keccakDigits } from "../../../primitives/hash.ts";
import { headerHash } from "../../../primitives/header.ts";
import { decodeRlp } from "../../../primitives/rlp.ts";
import { World } from "../../../state/world.ts";
import { encodeTransaction } from "../../../primitives/transaction_codec.ts";
import { type Dump, type DumpedAccount, type DumpedBlock, GZIP_MAGIC, MAX_STATE_BYTES } from "./dump_format.ts";
import { codeOfRevm } from "./revm_code.ts";
import { hexToBytes, wordHex } from "../../../primitives/hex.ts";

/** What is to become of the chain, before anything of it has changed. */
interface Loaded {
  /** The newest block of this chain that the dump continues; null when it is of another chain. */
  readonly ancestor: BlockRecord | null;
  /** The dump's blocks above it. */
  readonly blocks: readonly BlockRecord[];
  readonly head: World;
  /** By block hash. */
  readonly states: ReadonlyMap<Hash, World>;
  /** Unix seconds of the dump's head. */
  readonly timestamp: bigint;
}

/**
 * Loads a dump of this program's or of anvil's. The blocks of one that continues this chain (that is what a restarted
 * process sees) become its blocks; of any other the accounts are put over those of the head, as anvil_loadState does.
 */
export async function loadState(core: ChainCore, data: Data): Promise<void> {
  const dump = await readDump(data);
  const { ancestor, blocks, head, states, timestamp } = await read(core, dump);
  const changes: Change[] = [];
  if (ancestor !== null) {
    changes.push({ kind: "unwind", to: ancestor });
    for (const record of blocks) {
      changes.push({ kind: "append", block: { record, world: states.get(record.hash) } });
    }
  }
  // Contracts of the dump have seen its time already.
  const offset = timestamp - core.now();
  const timeOffset = offset > core.settings.timeOffset ? offset : core.settings.timeOffset;
  core.commit(...changes, { kind: "edit", world: head }, { kind: "settings", patch: { timeOffset } });
}

async function read(core: ChainCore, dump: Dump): Promise<Loaded> {
  const pacer = new Pacer({});
  try {
    const states = new Map<Hash, World>();
    const { ancestor, rest } = connect(core, dump.sallyport);
    if (ancestor !== null) {
      for (const [hash, { accounts, storage }] of dump.historical_states ?? []) {
        const entries = Object.entries(accounts).map(([address, { code, ...account }]): [string, StoredAccount] => [
          address,
          { ...account, bytes: codeOfRevm(code), storage: storage[address as Address] ?? {} },
        ]);
        states.set(hash, await withAccounts(World.empty(), { entries, pacer }));
      }
    }
    const entries = Object.entries(dump.accounts).map(([address, { code = "0x", ...account }]): [
      string,
      StoredAccount,
    ] => [address, { ...account, bytes: hexToBytes(code) }]);
    const head = await withAccounts(ancestor === null ? core.headWorld() : World.empty(), { entries, pacer });
    const timestamp = numberOf(dump.block?.timestamp ?? 0, 64);
    return { ancestor, blocks: records(core, { ancestor, rest }), head, states, timestamp };
  } catch (cause) {
    throw invalidParams(`invalid state: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/** Finds the newest block of the dump that this chain has, or the parent of its first one. */
function connect(
  core: ChainCore,
  dumped: Dump["sallyport"],
): { readonly ancestor: BlockRecord | null; readonly rest: readonly Readable[] } {
  // Two chains with different ids may have the same genesis block.
  const same = dumped !== undefined && BigInt(dumped.chainId) === core.forks.config.chainId;
  const readable = (same ? dumped.blocks : []).map((block) => ({
    dumped: block,
    ...decodeBlock(decodeRlp(block.block.slice(2))),
  }));
  const canonical = (hash: Hash | undefined): BlockRecord | null => {
    const record = hash === undefined ? null : core.blocks.of(hash);
    return record !== null && core.blocks.isCanonical(record) ? record : null;
  };
  for (let index = readable.length - 1; index >= 0; index--) {
    const known = readable[index];
    const ancestor = known === undefined ? null : canonical(headerHash(known.header));
    if (ancestor !== null) return { ancestor, rest: readable.slice(index + 1) };
  }
  return { ancestor: canonical(readable[0]?.header.parentHash), rest: readable };
}

type Readable = ReturnType<typeof decodeBlock> & { readonly dumped: DumpedBlock };

function records(
  core: ChainCore,
  from: { readonly ancestor: BlockRecord | null; readonly rest: readonly Readable[] },
): BlockRecord[] {
  let parent = from.ancestor;
  if (parent === null) return [];
  const made: BlockRecord[] = [];
  for (const { dumped, header, transactions: bare, uncles, withdrawals } of from.rest) {
    if (header.parentHash !== parent.hash) throw new Error(`block ${header.number} does not follow the one before it`);
    const transactions = bare.map((transaction, index): IncludedTransaction => {
      const sender = dumped.senders[index];
      if (sender === undefined) throw new Error(`transaction ${index} of block ${header.number} has no sender`);
      const hash = keccakDigits(encodeTransaction(transaction));
      return { transaction, hash, sender, impersonated: dumped.impersonated.includes(index) };
    });
    const receipts = decodeReceipts(decodeRlp(dumped.receipts.slice(2)), { header, transactions });
    parent = new BlockRecord({
      header,
      hash: headerHash(header),
      totalDifficulty: parent.totalDifficulty + header.difficulty,
      body: { transactions, uncles, withdrawals },
      receipts,
    }, core.recent);
    made.push(parent);
  }
  return made;
}

type StoredAccount = Omit<DumpedAccount, "code"> & { readonly bytes: Uint8Array };

async function withAccounts(
  base: World,
  { entries, pacer }: { readonly entries: readonly (readonly [string, StoredAccount])[]; readonly pacer: Pacer },
): Promise<World> {
  let world = base;
  for (const [name, { balance, nonce, bytes: code, storage = {} }] of entries) {
    await pacer.breathe();
    const address: Address = `0x${name.replace(/^0x/, "").toLowerCase()}`;
    if (!/^0x[0-9a-f]{40}$/.test(address)) throw new Error(`${name} is not an address`);
    world = world.withBalance(address, numberOf(balance, 256)).withNonce(address, numberOf(nonce ?? 0, 64));
    const slots = Object.entries(storage).map(([slot, value]): [Hash, Hash] => [
      wordHex(numberOf(slot, 256)),
      wordHex(numberOf(value, 256)),
    ]);
    world = world.withCode(address, code).withoutStorage(address).withStorage(address, slots);
  }
  return world;
}

function numberOf(value: string | number | bigint, bits: number): bigint {
  const number = BigInt(value);
  if (number < 0n || number >> BigInt(bits) > 0n) throw new Error(`${value} does not fit ${bits} bits`);
  return number;
}

function inflate(raw: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    gunzip(raw, { maxOutputLength: MAX_STATE_BYTES }, (error, text) => error === null ? resolve(text) : reject(error));
  });
}

async function readDump(dump: Data): Promise<Dump> {
  const raw = hexToBytes(dump);
  try {
    // Older anvil dumps are plain JSON.
    const text = new TextDecoder().decode(raw[0] === GZIP_MAGIC ? await inflate(raw) : raw);
    const state = parseExactly(text);
    if (isObject(state) && isObject(state["accounts"])) return state as unknown as Dump;
  } catch (cause) {
    throw invalidParams("invalid state: expected gzipped JSON as anvil_dumpState gives it", { cause });
  }
  throw invalidParams("invalid state: it has no accounts");
}
