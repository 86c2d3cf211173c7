import type { Address, Data, Hash } from "../../../eth/types.ts";
import { invalidParams } from "../../../rpc/error.ts";
import { parseLargeJson } from "../../../rpc/large_json.ts";
import { isObject } from "../../../rpc/schema.ts";
import type { Change } from "../../core/commit.ts";
import type { ChainCore } from "../../core/core.ts";
import { Pacer } from "../../../concurrency/pacer.ts";
import { World } from "../../../state/world.ts";
import { type Dump, type DumpedAccount, GZIP_MAGIC, MAX_STATE_BYTES } from "./dump_format.ts";
import { codeTooLong, MAX_GIVEN_CODE_BYTES } from "./given_code.ts";
import { type Continuation, continuationOf } from "./load_blocks.ts";
import { codeOfRevm } from "./revm_code.ts";
import { hexToBytes, wordHex } from "../../../primitives/hex.ts";

/** A dump that has been read; the chain has not changed yet. */
interface Loaded extends Continuation {
  readonly head: World;
  /** By block hash. */
  readonly states: ReadonlyMap<Hash, World>;
  /** Unix seconds of the dump's head. */
  readonly timestamp: bigint;
}

/**
 * Loads a dump of this program or of anvil. If the dump continues this chain (as it does in a restarted process), its blocks
 * become blocks of the chain; of any other dump, the accounts replace those of the head, as in anvil_loadState.
 */
export async function loadState(core: ChainCore, data: Data): Promise<void> {
  const dump = await readDump(data);
  const { ancestor, segments, head, states, timestamp } = await read(core, dump);
  const changes: Change[] = [];
  if (ancestor !== null) {
    changes.push({ kind: "unwind", to: ancestor });
    for (const segment of segments) {
      changes.push(
        "last" in segment
          ? { kind: "reserve", range: segment }
          : { kind: "append", block: { record: segment, world: states.get(segment.hash) } },
      );
    }
  }
  // Contracts of the dump have already read its time, so the clock must not be behind it.
  const offset = timestamp - core.now();
  const timeOffset = offset > core.settings.timeOffset ? offset : core.settings.timeOffset;
  core.commit(...changes, { kind: "edit", world: head }, { kind: "settings", patch: { timeOffset } });
}

async function read(core: ChainCore, dump: Dump): Promise<Loaded> {
  const pacer = new Pacer({});
  try {
    const states = new Map<Hash, World>();
    const { ancestor, segments } = continuationOf(core, dump.sallyport);
    if (ancestor !== null) {
      for (const [hash, { accounts, storage }] of dump.historical_states ?? []) {
        const entries = accountsOf(accounts, (address, { code, ...account }) => ({
          ...account,
          bytes: codeOfRevm(code),
          storage: storage[address as Address] ?? {},
        }));
        states.set(hash, await withAccounts(World.empty(), { entries, pacer }));
      }
    }
    const entries = accountsOf(dump.accounts, (_, { code = "0x", ...account }) => ({
      ...account,
      bytes: hexToBytes(code),
    }));
    const head = await withAccounts(ancestor === null ? core.headWorld() : World.empty(), { entries, pacer });
    const timestamp = numberOf(dump.block?.timestamp ?? 0, 64);
    return { ancestor, segments, head, states, timestamp };
  } catch (cause) {
    throw invalidParams(`invalid state: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/** Reads accounts one by one, as they are taken. */
function* accountsOf<T>(
  accounts: { readonly [address: string]: T },
  read: (address: string, account: T) => StoredAccount,
): Generator<readonly [string, StoredAccount]> {
  for (const [address, account] of Object.entries(accounts)) yield [address, read(address, account)];
}

/** Slots that are stored between two looks at the time slice: 2 ms. */
const SLOTS_AT_ONCE = 200;

type StoredAccount = Omit<DumpedAccount, "code"> & { readonly bytes: Uint8Array };

async function withAccounts(
  base: World,
  { entries, pacer }: { readonly entries: Iterable<readonly [string, StoredAccount]>; readonly pacer: Pacer },
): Promise<World> {
  let world = base;
  for (const [name, { balance, nonce, bytes: code, storage = {} }] of entries) {
    await pacer.breathe();
    const address: Address = `0x${name.replace(/^0x/, "").toLowerCase()}`;
    if (!/^0x[0-9a-f]{40}$/.test(address)) throw new Error(`${name} is not an address`);
    world = world.withBalance(address, numberOf(balance, 256)).withNonce(address, numberOf(nonce ?? 0, 64));
    if (code.length > MAX_GIVEN_CODE_BYTES) throw new Error(codeTooLong(code.length));
    world = world.withCode(address, code).withoutStorage(address);
    const slots = Object.entries(storage);
    for (let first = 0; first < slots.length; first += SLOTS_AT_ONCE) {
      await pacer.breathe();
      const some = slots.slice(first, first + SLOTS_AT_ONCE).map(([slot, value]): [Hash, Hash] => [
        wordHex(numberOf(slot, 256)),
        wordHex(numberOf(value, 256)),
      ]);
      world = world.withStorage(address, some);
    }
  }
  return world;
}

function numberOf(value: string | number | bigint, bits: number): bigint {
  const number = BigInt(value);
  if (number < 0n || number >> BigInt(bits) > 0n) throw new Error(`${value} does not fit ${bits} bits`);
  return number;
}

async function inflate(raw: Uint8Array): Promise<Uint8Array> {
  // Loaded only now: Node's modules of streams take 20 ms of a start (measured).
  const { gunzip } = await import("node:zlib");
  return await new Promise((resolve, reject) => {
    gunzip(raw, { maxOutputLength: MAX_STATE_BYTES }, (error, text) => error === null ? resolve(text) : reject(error));
  });
}

async function readDump(dump: Data): Promise<Dump> {
  const raw = hexToBytes(dump);
  const pacer = new Pacer({});
  try {
    // Older anvil dumps are plain JSON.
    const text = raw[0] === GZIP_MAGIC ? await inflate(raw) : raw;
    await pacer.breathe();
    const state = await parseLargeJson(text, { breathe: () => pacer.breathe() });
    if (isObject(state) && isObject(state["accounts"])) return state as unknown as Dump;
  } catch (cause) {
    throw invalidParams("invalid state: expected gzipped JSON as anvil_dumpState gives it", { cause });
  }
  throw invalidParams("invalid state: it has no accounts");
}
