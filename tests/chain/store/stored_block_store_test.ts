import { assert, assertEquals, fail } from "@std/assert";
import type { Address, Hash, LogCriteria } from "../../../src/eth/types.ts";
import { openDatabase } from "../../../src/chain/journal/database.ts";
import { BlockReader } from "../../../src/chain/journal/block_reads.ts";
import { IndexTable } from "../../../src/chain/journal/index_table.ts";
import { Journal } from "../../../src/chain/journal/journal.ts";
import { buildGenesis } from "../../../src/chain/consensus/genesis.ts";
import { devGenesis } from "../../../src/chain/consensus/dev_genesis.ts";
import type { Change } from "../../../src/chain/core/commit.ts";
import { JournalStep } from "../../../src/chain/core/journal_step.ts";
import type { Settings } from "../../../src/chain/core/settings.ts";
import { Pool } from "../../../src/chain/pool/pool.ts";
import type { IncludedTransaction } from "../../../src/chain/store/block.ts";
import { matches } from "../../../src/chain/store/block_log_index.ts";
import { BlockRecord, RecentBlocks } from "../../../src/chain/store/block_record.ts";
import type { BlockReads, BlockStore } from "../../../src/chain/store/block_store.ts";
import { MemoryBlockStore } from "../../../src/chain/store/memory_block_store.ts";
import { ReservedRange } from "../../../src/chain/store/reserved_range.ts";
import { StoredBlockStore } from "../../../src/chain/store/stored_block_store.ts";
import { keccakDigits } from "../../../src/primitives/hash.ts";
import { headerHash } from "../../../src/primitives/header.ts";
import type { EvmLog, ReceiptData } from "../../../src/primitives/receipt.ts";
import { TX_TYPE } from "../../../src/primitives/transaction.ts";
import { StoredStates } from "../../../src/state/stored/stored_states.ts";
import { World } from "../../../src/state/world.ts";
import { Random } from "../../support/random.ts";

const { header: GENESIS, forks } = buildGenesis(devGenesis({ accounts: [] }));
const RULES = forks.at(1n, GENESIS.timestamp + 1n, true);
const SETTINGS = {} as Settings;
/** Few enough that the index is written many times. */
const FRESH_ROWS = 150;

const hashOf = (value: number): Hash => keccakDigits(value.toString(16).padStart(8, "0"));
const addressOf = (value: number): Address => `0x${hashOf(value).slice(2, 42)}`;

/** A block with random transactions, some of which are also in other blocks, and logs. */
function block(parent: BlockRecord, random: Random, recent: RecentBlocks): BlockRecord {
  const transactions = Array.from({ length: random.below(5) }, (): IncludedTransaction => {
    const nonce = random.below(2 ** 31);
    return {
      transaction: {
        ...{
          type: TX_TYPE.legacy,
          chainId: 1337n,
          nonce: BigInt(nonce),
          gasLimit: 21_000n,
          gasFeeCap: 1n,
          gasTipCap: 1n,
        },
        ...{ to: addressOf(1), value: 1n, data: new Uint8Array(), accessList: [], blobFeeCap: 0n, blobHashes: [] },
        ...{ authorizations: [], v: 2710n, r: 1n, s: 1n },
      },
      hash: hashOf(random.below(900)),
      sender: addressOf(random.below(9)),
      impersonated: random.chance(0.1),
    };
  }).filter(({ hash }, index, all) => all.findIndex((other) => other.hash === hash) === index);
  let cumulativeGasUsed = 0n;
  const receipts = transactions.map((): ReceiptData => {
    cumulativeGasUsed += 21_000n;
    const logs = Array.from({ length: random.below(3) }, (): EvmLog => ({
      address: addressOf(random.chance(0.02) ? 77 : random.below(6)),
      topics: Array.from({ length: random.below(4) }, () => hashOf(random.chance(0.02) ? 5_000 : random.below(8))),
      data: new Uint8Array(),
    }));
    return {
      ...{ type: TX_TYPE.legacy, status: true, root: undefined, gasUsed: 21_000n, cumulativeGasUsed, logs },
      ...{ bloom: new Uint8Array(256), contractAddress: null, effectiveGasPrice: 1n, blobGasUsed: 0n },
    };
  });
  const header = {
    ...GENESIS,
    ...{ parentHash: parent.hash, number: parent.number + 1n, timestamp: parent.header.timestamp + 1n },
    ...{ gasUsed: cumulativeGasUsed, mixHash: hashOf(random.below(2 ** 30)) },
  };
  const body = { transactions, uncles: [], withdrawals: [] };
  return new BlockRecord({ header, hash: headerHash(header), totalDifficulty: 0n, body, receipts }, recent);
}

function range(parent: BlockRecord, random: Random, recent: RecentBlocks): ReservedRange {
  const { hash, number, header: { timestamp } } = parent;
  const header = { ...GENESIS, parentHash: hash, number: number + 1n, timestamp: timestamp + 1n, gasUsed: 0n };
  const count = BigInt(1 + random.below(40));
  const parts = { header, totalDifficulty: 0n, count, step: 1n, gasCeiling: GENESIS.gasLimit, rules: RULES };
  return new ReservedRange(parts, recent);
}

function criteria(random: Random): LogCriteria {
  const some = <T>(make: () => T) => Array.from({ length: random.below(3) }, make);
  return {
    addresses: some(() => addressOf(random.chance(0.3) ? 77 : random.below(6))),
    topics: some(() => random.chance(0.4) ? null : some(() => hashOf(random.chance(0.3) ? 5_000 : random.below(8)))),
  };
}

/** The numbers of the blocks with matching logs, by the index or, without one, of all. */
function numbersOf(
  store: BlockReads,
  query: LogCriteria,
  span: { readonly from: bigint; readonly to: bigint },
): bigint[] {
  const records = store.withLogs(query, span);
  const all = function* () {
    for (const segment of store.segmentsFrom(span.from)) {
      if (!("last" in segment) && segment.number <= span.to) yield segment;
    }
  };
  return [...records ?? all()].flatMap((record) =>
    record?.receipts().some(({ logs }) => logs.some((log) => matches(query, log))) === true ? [record.number] : []
  );
}

Deno.test("a store over a disk answers as the one in memory does, through reorganisations and restarts", async () => {
  const folder = await Deno.makeTempDir({ prefix: "sallyport-" });
  const random = new Random(21);
  const recent = new RecentBlocks();
  const database = await openDatabase({ folder, isSynced: false, onError: (error) => fail(String(error)) });
  try {
    const genesis = new BlockRecord({
      ...{ header: GENESIS, hash: headerHash(GENESIS), totalDifficulty: 0n, receipts: [] },
      body: { transactions: [], uncles: [], withdrawals: [] },
    }, recent);
    const journal = new Journal(database, { genesis: genesis.hash, chainId: 1337n });
    const states = new StoredStates(journal.packs, { maxBytes: 10_000 });
    const step = new JournalStep({ journal, states, flagSettings: SETTINGS, keptStates: null });
    step.begin({ record: genesis, world: World.empty() });
    const pool = new Pool(() => ({ nonce: () => 0n, balance: () => 0n, delegated: () => false }));
    const open = () => {
      const own = new RecentBlocks();
      const rangeOf = (stored: ReturnType<typeof journal.ranges.canonical>[number]) =>
        new ReservedRange({ ...stored, rules: RULES }, own);
      return new StoredBlockStore(new BlockReader(database, new IndexTable(database)), {
        recent: own,
        ranges: journal.ranges.canonical().map(rangeOf),
        abandoned: journal.ranges.abandoned().map(rangeOf),
        freshRows: FRESH_ROWS,
      });
    };
    const memory = new MemoryBlockStore(genesis);
    let stored: BlockStore = open();
    const seen: Hash[] = [genesis.hash];
    let removals = 0;
    for (let at = 0; at < 700; at++) {
      const { head } = memory;
      const what = random.next();
      const changes: Change[] = [];
      let lowered = head;
      if (what < 0.12) {
        const depth = BigInt(random.below(random.chance(0.1) ? 80 : 12));
        lowered = memory.at(head.number > depth ? head.number - depth : 0n) ?? genesis;
        changes.push({ kind: "unwind", to: lowered });
      }
      if (what >= 0.12 && what < 0.17) changes.push({ kind: "reserve", range: range(head, random, recent) });
      else changes.push({ kind: "append", block: { record: block(lowered, random, recent), world: World.empty() } });
      step.write(changes, { blocks: stored, pool, settings: SETTINGS });
      for (const change of changes) {
        if (change.kind === "append") {
          memory.append(change.block.record);
          // A record of its own, as only one store may keep it compact.
          const body = change.block.record.body();
          stored.append(
            new BlockRecord(
              { ...change.block.record, body, receipts: change.block.record.receipts() },
              new RecentBlocks(),
            ),
          );
          seen.push(change.block.record.hash);
        } else if (change.kind === "reserve") {
          memory.reserve(change.range);
          stored.reserve(change.range);
          seen.push(change.range.hashAt(change.range.last));
        } else if (change.kind === "unwind") {
          const [expected, found] = [memory, stored].map((store) =>
            store.unwindTo(change.to.number).removed.map((item) => "last" in item ? item.prefix : item.hash)
          );
          assertEquals(found, expected, `removed at ${at}`);
          removals += expected?.length ?? 0;
        }
      }
      if (random.chance(0.02)) stored = open();
      assertEquals(stored.head.hash, memory.head.hash, `head at ${at}`);
      for (let round = 0; round < 3; round++) {
        const number = BigInt(random.below(Number(memory.head.number) + 3));
        const [expected, found] = [memory.at(number), stored.at(number)];
        assertEquals(found?.hash, expected?.hash, `block ${number} at ${at}`);
        assertEquals(found?.header, expected?.header);
        assertEquals(found?.body(), expected?.body());
        const hash = random.pick(seen);
        const known = memory.of(hash);
        // Of ranges that left the chain few are kept, and counted anew after a restart.
        if (known === null || memory.rangeOf(hash) === null || memory.isCanonical(known)) {
          assertEquals(stored.of(hash)?.header, known?.header, `${hash} at ${at}`);
        }
        const transaction = hashOf(random.below(900));
        const place = memory.locate(transaction);
        const other = stored.locate(transaction);
        // A transaction in two blocks of this invented chain: the index in memory has the last, and forgets both.
        if (place !== null) {
          assertEquals([other?.record.number, other?.index], [place.record.number, place.index], `${at}`);
        } else if (other !== null) assertEquals(other.record.hashes[other.index], transaction);
        const query = criteria(random);
        const from = BigInt(random.below(Number(memory.head.number) + 1));
        const isAll = query.addresses.length + query.topics.flat().length === 0;
        const span = { from, to: from + BigInt(random.below(isAll ? 20 : 300)) };
        assertEquals(numbersOf(stored, query, span), numbersOf(memory, query, span), `logs at ${at}`);
      }
      if (at % 50 === 0) {
        const segments = (store: BlockReads) =>
          [...store.segmentsFrom(3n)].map((item) => "last" in item ? [item.prefix, item.last] : item.hash);
        assertEquals(segments(stored), segments(memory), `segments at ${at}`);
      }
    }
    assert(removals > 300, `${removals} blocks were removed`);
    assert(new IndexTable(database).indexedTo > 300);
    assert(stored.head === stored.at(stored.head.number) && stored.genesis === stored.at(0n));
  } finally {
    database.close();
    await Deno.remove(folder, { recursive: true });
  }
});
