import type { Address, Data, Hash, Withdrawal } from "../../eth/types.ts";
import { serverError } from "../../rpc/error.ts";
import { encodeWithdrawal } from "../store/block_codec.ts";
import { BlockRecord, type ExecutedBlock } from "../store/block_record.ts";
import type { BlockBody, IncludedTransaction } from "../store/block.ts";
import { attempted } from "../core/attempted.ts";
import type { ChainCore } from "../core/core.ts";
import { type BlockOutcome, BlockRun } from "../../evm/block_run.ts";
import { Pacer } from "../../concurrency/pacer.ts";
import { InvalidBlockError } from "../../evm/invalid_block.ts";
import { TransactionError } from "../../evm/transaction_error.ts";
import type { Rules } from "../../evm/forks.ts";
import { keccakDigits } from "../../primitives/hash.ts";
import {
  EMPTY_BLOOM,
  EMPTY_NONCE,
  EMPTY_ROOT,
  EMPTY_UNCLES_HASH,
  type Header,
  headerHash,
  sharedBloom,
} from "../../primitives/header.ts";
import { nextBaseFee, nextDifficulty, nextExcessBlobGas, nextGasLimit } from "../consensus/header_rules.ts";
import { timestampAfter } from "../core/settings.ts";
import { orderedTrieRoot } from "../../state/trie.ts";
import type { Misses } from "../../state/base.ts";
import { encodeTransaction } from "../../primitives/transaction_codec.ts";
import { MAX_UINT64 } from "../../primitives/uint.ts";
import { ZERO_HASH } from "../../primitives/hex.ts";
import { GAS_PER_BLOB } from "../../primitives/limits.ts";

/** A new block, as far as it is known before its transactions run. */
export interface BlockPlan {
  readonly parent: ExecutedBlock;
  /** The header with the fields of execution still empty. */
  readonly header: Header;
  readonly rules: Rules;
  /** Undefined before Shanghai. */
  readonly withdrawals: readonly Withdrawal[] | undefined;
  /** The parent and those before it that are not part of the chain yet, oldest first. */
  readonly unpublished: readonly BlockRecord[];
}

/** Values that differ from the settings, for one block. */
export interface PlanOverrides {
  readonly timestamp?: bigint | undefined;
  readonly coinbase?: Address | undefined;
  readonly prevRandao?: Hash | undefined;
  /** Null makes a header without one, and no call of EIP-4788. */
  readonly parentBeaconRoot?: Hash | null | undefined;
  readonly extraData?: Data | undefined;
  readonly withdrawals?: readonly Withdrawal[] | undefined;
  readonly unpublished?: readonly BlockRecord[];
}

/** Plans the child of `parent` by the chain's settings. */
export function planBlock(core: ChainCore, executed: ExecutedBlock, overrides: PlanOverrides = {}): BlockPlan {
  const { settings } = core;
  const parent = executed.record;
  const timestamp = overrides.timestamp ?? timestampAfter(parent.header.timestamp, settings, core.now());
  if (timestamp > MAX_UINT64) throw serverError(`the next block's timestamp ${timestamp} does not fit 64 bits`);
  const rules = core.rulesAfter(parent, timestamp);
  const merged = core.mergedAfter(parent);
  const baseFee = nextBaseFee(parent.header, rules);
  const excessBlobGas = nextExcessBlobGas(parent.header, rules);
  const firstLondon = rules.has("london") && parent.header.baseFeePerGas === undefined;
  const parentLimit = firstLondon ? parent.header.gasLimit * 2n : parent.header.gasLimit;
  const withdrawals = rules.has("shanghai") ? overrides.withdrawals ?? [] : undefined;
  // Deterministic, so that a fixed genesis and clock give fixed hashes; geth --dev draws random ones.
  const randomness = overrides.prevRandao ?? settings.nextPrevRandao ?? keccakDigits(parent.hash.slice(2));
  const { parentBeaconRoot = ZERO_HASH } = overrides;
  const beaconRoot = rules.has("cancun") ? parentBeaconRoot : null;
  const header: Header = {
    parentHash: parent.hash,
    unclesHash: EMPTY_UNCLES_HASH,
    coinbase: overrides.coinbase ?? settings.coinbase,
    stateRoot: ZERO_HASH,
    transactionsRoot: EMPTY_ROOT,
    receiptsRoot: EMPTY_ROOT,
    logsBloom: EMPTY_BLOOM,
    difficulty: merged ? 0n : nextDifficulty(parent.header, timestamp, rules, core.forks.config),
    number: parent.number + 1n,
    gasLimit: settings.exactGasLimit ? settings.gasLimit : nextGasLimit(parentLimit, settings.gasLimit),
    gasUsed: 0n,
    timestamp,
    extraData: overrides.extraData ?? "0x",
    mixHash: merged ? randomness : ZERO_HASH,
    nonce: EMPTY_NONCE,
    ...(baseFee === null ? {} : { baseFeePerGas: settings.nextBaseFee ?? baseFee }),
    ...(withdrawals === undefined ? {} : { withdrawalsRoot: withdrawalsRoot(withdrawals) }),
    ...(excessBlobGas === null ? {} : { blobGasUsed: 0n, excessBlobGas }),
    ...(beaconRoot === null ? {} : { parentBeaconBlockRoot: beaconRoot }),
  };
  return { parent: executed, header, rules, withdrawals, unpublished: overrides.unpublished ?? [] };
}

/** The transactions that a builder takes, and its verdict on each. */
export interface TransactionSource {
  /** The next candidate; null ends the block. */
  peek(): IncludedTransaction | null;
  /** It is in the block, or can never be: go on with what follows it. */
  shift(): void;
  /** It does not fit this block, and so neither does what depends on it. */
  pop(): void;
  /** Called for each that the state transition refuses, before `shift` or `pop`; its own error ends the block. */
  refused?(error: TransactionError): void;
}

/** Takes exactly these, in this order; what cannot be mined is left out. */
export function listSource(transactions: readonly IncludedTransaction[]): TransactionSource {
  let at = 0;
  const next = () => {
    at++;
  };
  return { peek: () => transactions[at] ?? null, shift: next, pop: next };
}

/** The least gas of a transaction: with less left, the block is full. */
const MIN_TRANSACTION_GAS = 21_000n;

/** A new block, and what it asks of the consensus layer (EIP-7685). */
export interface BuiltBlock extends ExecutedBlock {
  /** Each with its type byte; none before Prague. */
  readonly requests: readonly Uint8Array[];
}

/** A planned header with what the execution of its block came to. */
export function finishedHeader(
  planned: BlockPlan["header"],
  { transactions, outcome }: { transactions: readonly IncludedTransaction[]; outcome: BlockOutcome },
): Header {
  const encoded = transactions.map(({ transaction }) => Uint8Array.fromHex(encodeTransaction(transaction)));
  return {
    ...planned,
    stateRoot: outcome.stateRoot,
    transactionsRoot: orderedTrieRoot(encoded),
    receiptsRoot: outcome.receiptsRoot,
    logsBloom: sharedBloom(`0x${outcome.bloom.toHex()}`),
    gasUsed: outcome.gasUsed,
    ...(planned.blobGasUsed === undefined ? {} : { blobGasUsed: outcome.blobGasUsed }),
    ...(outcome.requestsHash === undefined ? {} : { requestsHash: outcome.requestsHash }),
  };
}

/** Runs transactions until the block is full or the source is empty, and makes the block. */
export function buildBlock(core: ChainCore, plan: BlockPlan, source: () => TransactionSource): Promise<BuiltBlock> {
  return attempted(core, (noted) => buildAttempt(core, plan, { source: source(), noted }));
}

/** Does the same in one attempt; what misses something in it is no block. */
export async function buildAttempt(
  core: ChainCore,
  plan: BlockPlan,
  { source, noted }: { readonly source: TransactionSource; readonly noted: Misses | undefined },
): Promise<BuiltBlock> {
  const run = new BlockRun(core.machine, plan.parent.world, core.envOf(plan.header, plan.unpublished), { noted });
  try {
    await run.begin();
    const transactions = await fill(run, plan, source);
    const outcome = await run.finish({ withdrawals: plan.withdrawals, uncles: [] });
    const header = finishedHeader(plan.header, { transactions, outcome });
    const body: BlockBody = { transactions, uncles: [], withdrawals: plan.withdrawals };
    const record = new BlockRecord({
      ...{ header, hash: headerHash(header), body, receipts: outcome.receipts },
      totalDifficulty: plan.parent.record.totalDifficulty + header.difficulty,
    }, core.recent);
    return { record, world: outcome.world, requests: outcome.requests ?? [] };
  } catch (error) {
    throw error instanceof InvalidBlockError ? serverError(error.message, { cause: error }) : error;
  } finally {
    run.close();
  }
}

async function fill(run: BlockRun, plan: BlockPlan, source: TransactionSource): Promise<IncludedTransaction[]> {
  const included: IncludedTransaction[] = [];
  const pacer = new Pacer({});
  const maxBlobGas = BigInt(plan.rules.blobs?.max ?? 0) * GAS_PER_BLOB;
  while (plan.header.gasLimit - run.gasUsed >= MIN_TRANSACTION_GAS) {
    // A transfer has no instructions at which the interpreter would pause.
    await pacer.breathe();
    const next = source.peek();
    if (next === null) break;
    const blobGas = BigInt(next.transaction.blobHashes.length) * GAS_PER_BLOB;
    if (next.transaction.gasLimit > plan.header.gasLimit - run.gasUsed || run.blobGasUsed + blobGas > maxBlobGas) {
      source.pop();
      continue;
    }
    try {
      const options = { skipTransactionChecks: next.impersonated };
      await run.transaction(next.transaction, next.sender, options);
      included.push(next);
      source.shift();
    } catch (error) {
      if (!(error instanceof TransactionError)) throw new PoisonError(next.hash, error);
      source.refused?.(error);
      if (error.kind === "nonceTooLow") source.shift();
      else source.pop();
    }
  }
  return included;
}

/** A transaction that broke the builder itself: it must not come again. */
export class PoisonError extends Error {
  override readonly name = "PoisonError";
  readonly hash: Hash;

  constructor(hash: Hash, cause: unknown) {
    super(`transaction ${hash} could not be run`, { cause });
    this.hash = hash;
  }
}

/** The root of a block's withdrawals (EIP-4895). */
export function withdrawalsRoot(withdrawals: readonly Withdrawal[]): Hash {
  return orderedTrieRoot(withdrawals.map((withdrawal) => Uint8Array.fromHex(encodeWithdrawal(withdrawal))));
}
