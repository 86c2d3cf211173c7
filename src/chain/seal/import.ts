import type { Hash } from "../../eth/types.ts";
import { decodeBlock, type DecodedBlock, encodeWithdrawal } from "../store/block_codec.ts";
import { BlockRecord, type ExecutedBlock } from "../store/block_record.ts";
import type { BlockBody, IncludedTransaction } from "../store/block.ts";
import type { ChainCore } from "../core/core.ts";
import { loadFastRecovery } from "../../crypto/signature.ts";
import { type BlockOutcome, BlockRun } from "../../evm/block_run.ts";
import { Pacer } from "../../concurrency/pacer.ts";
import { InvalidBlockError } from "../../evm/invalid_block.ts";
import { TransactionError } from "../../evm/transaction_error.ts";
import type { Rules } from "../../evm/forks.ts";
import { keccakDigits } from "../../primitives/hash.ts";
import { encodeHeader, type Header, headerHash } from "../../primitives/header.ts";
import { headerFault } from "../consensus/header_rules.ts";
import { decodeRlp, RlpError, rlpItemSize, rlpList } from "../../primitives/rlp.ts";
import { isReplayProtected, recoverSender, SignatureError } from "../../primitives/sender.ts";
import { orderedTrieRoot } from "../../state/trie.ts";
import { encodeTransaction } from "../../primitives/transaction_codec.ts";

/** Progress of an import, told after each block. */
export interface ImportProgress {
  /** Blocks imported so far. */
  readonly blocks: number;
  readonly number: bigint;
  readonly transactions: number;
  /** Bytes of the file read so far, and in all. */
  readonly bytes: number;
  readonly totalBytes: number;
}

/** A block that cannot follow; the message has its number, hash and what is wrong with it. */
export class ImportError extends Error {
  override readonly name = "ImportError";
  /** True when the block belongs to a chain with another genesis, as far as can be told. */
  readonly foreign: boolean;

  constructor(message: string, { foreign = false, cause }: { foreign?: boolean; cause?: unknown } = {}) {
    super(message, { cause });
    this.foreign = foreign;
  }
}

/** geth's maxUncles and maxUncleDist. */
const MAX_UNCLES = 2;
const MAX_UNCLE_DEPTH = 7;

/** Executes the blocks of a file (as `geth export` writes them) on top of the head, checking everything that they say. */
export async function importBlocks(
  core: ChainCore,
  file: Uint8Array,
  onProgress: (progress: ImportProgress) => void = () => {},
): Promise<void> {
  await loadFastRecovery();
  let at = 0;
  const pacer = new Pacer({});
  const progress = { blocks: 0, transactions: 0 };
  while (at < file.length) {
    const end = at + rlpItemSize(file, at);
    // One block at a time: the digits of a whole file would be longer than a string can be.
    const block = readBlock(file.subarray(at, end), progress.blocks);
    at = end;
    const hash = headerHash(block.header);
    // `geth export` starts at block 0, and importing the same file twice is no error.
    if (core.blocks.of(hash) === null) {
      core.commit({ kind: "append", block: await importBlock(core, { block, hash, pacer }), isImported: true });
    }
    progress.blocks++;
    progress.transactions += block.transactions.length;
    onProgress({ ...progress, number: block.header.number, bytes: at, totalBytes: file.length });
  }
}

function readBlock(bytes: Uint8Array, count: number): DecodedBlock {
  try {
    return decodeBlock(decodeRlp(bytes.toHex()));
  } catch (cause) {
    if (!(cause instanceof RlpError)) throw cause;
    throw new ImportError(`block ${count} of the file cannot be read: ${cause.message}`, { cause });
  }
}

async function importBlock(
  core: ChainCore,
  { block, hash, pacer }: { readonly block: DecodedBlock; readonly hash: Hash; readonly pacer: Pacer },
): Promise<ExecutedBlock> {
  const { header } = block;
  const fail = (reason: string, options: { foreign?: boolean; cause?: unknown } = {}): never => {
    throw new ImportError(`block ${header.number} (${hash}): ${reason}`, options);
  };
  const parent = core.blocks.head;
  if (header.parentHash !== parent.hash) {
    fail(
      header.number === 0n
        ? `another genesis: this chain's is ${core.blocks.genesis.hash}`
        : `parent ${header.parentHash} is not the head ${parent.hash}`,
      // A later block may as well come behind a gap in the file.
      { foreign: header.number <= 1n },
    );
  }
  if (header.number !== parent.number + 1n) fail(`number does not follow ${parent.number}`);
  const rules = core.rulesOf(header);
  const fault = headerFault(header, parent.header, rules, core.forks.config) ?? bodyFault(block, rules) ??
    uncleFault(core, block, parent);
  if (fault !== null) fail(fault);
  const run = new BlockRun(core.machine, core.worldOf(parent), core.envOf(header));
  try {
    await run.begin();
    const transactions: IncludedTransaction[] = [];
    for (const transaction of block.transactions) {
      await pacer.breathe();
      if (transaction.type === 0 && isReplayProtected(transaction) && !rules.has("spuriousDragon")) {
        fail(`transaction ${transactions.length}: replay protection before its fork`);
      }
      const sender = recoverSender(transaction, { chainId: rules.chainId, homestead: rules.has("homestead") });
      await run.transaction(transaction, sender);
      const transactionHash = keccakDigits(encodeTransaction(transaction));
      transactions.push({ transaction, sender, hash: transactionHash, impersonated: false });
    }
    const uncles = block.uncles.map(({ coinbase, number }) => ({ coinbase, number }));
    const outcome = await run.finish({ withdrawals: block.withdrawals, uncles });
    const mismatch = outcomeFault(header, outcome);
    if (mismatch !== null) fail(mismatch);
    const body: BlockBody = { transactions, uncles: block.uncles, withdrawals: block.withdrawals };
    const record = new BlockRecord({
      ...{ header, hash, body, receipts: outcome.receipts },
      totalDifficulty: parent.totalDifficulty + header.difficulty,
    }, core.recent);
    return { record, world: outcome.world };
  } catch (error) {
    if (error instanceof TransactionError || error instanceof SignatureError) {
      fail(`could not apply tx ${run.receipts.length}: ${error.message}`, { cause: error });
    }
    throw error instanceof InvalidBlockError ? fail(error.message, { cause: error }) : error;
  } finally {
    run.close();
  }
}

/** Says how the body differs from what the header promises of it. */
function bodyFault(block: DecodedBlock, rules: Rules): string | null {
  const { header, transactions, uncles, withdrawals } = block;
  const root = orderedTrieRoot(transactions.map((transaction) => Uint8Array.fromHex(encodeTransaction(transaction))));
  if (root !== header.transactionsRoot) {
    return `transaction root hash mismatch (header value ${header.transactionsRoot}, calculated ${root})`;
  }
  const unclesHash = keccakDigits(rlpList(uncles.map(encodeHeader)));
  if (unclesHash !== header.unclesHash) {
    return `uncle root hash mismatch (header value ${header.unclesHash}, calculated ${unclesHash})`;
  }
  if (rules.has("shanghai") !== (withdrawals !== undefined)) {
    return withdrawals === undefined ? "missing withdrawals in block body" : "withdrawals before Shanghai";
  }
  if (withdrawals !== undefined) {
    const own = orderedTrieRoot(withdrawals.map((item) => Uint8Array.fromHex(encodeWithdrawal(item))));
    if (own !== header.withdrawalsRoot) {
      return `withdrawals root hash mismatch (header value ${header.withdrawalsRoot}, calculated ${own})`;
    }
  }
  const blobs = transactions.reduce((sum, { blobHashes }) => sum + blobHashes.length, 0);
  const blobGas = BigInt(blobs) * 131_072n;
  if (blobGas !== (header.blobGasUsed ?? 0n)) {
    return `blob gas used mismatch (header ${header.blobGasUsed ?? 0n}, calculated ${blobGas})`;
  }
  return null;
}

/** geth's ethash.VerifyUncles: at most two, each a recent relative that nobody included before. */
function uncleFault(core: ChainCore, block: DecodedBlock, parent: BlockRecord): string | null {
  if (block.uncles.length === 0) return null;
  if (block.uncles.length > MAX_UNCLES) return "too many uncles";
  const ancestors = new Map<Hash, BlockRecord>();
  const known = new Set<Hash>();
  let ancestor: BlockRecord | null = parent;
  for (let depth = 0; depth < MAX_UNCLE_DEPTH && ancestor !== null; depth++) {
    ancestors.set(ancestor.hash, ancestor);
    for (const uncle of ancestor.body().uncles) known.add(headerHash(uncle));
    ancestor = core.blocks.parentOf(ancestor);
  }
  for (const uncle of block.uncles) {
    const hash = headerHash(uncle);
    if (known.has(hash)) return "duplicate uncle";
    known.add(hash);
    if (ancestors.has(hash)) return "uncle is ancestor";
    const above = ancestors.get(uncle.parentHash);
    if (above === undefined || uncle.parentHash === parent.hash) return "uncle's parent is not ancestor";
    const fault = headerFault(uncle, above.header, core.rulesOf(uncle), core.forks.config);
    if (fault !== null) return `uncle ${hash}: ${fault}`;
  }
  return null;
}

/** Says how execution differs from what the header promises of it (geth's ValidateState). */
function outcomeFault(header: Header, outcome: BlockOutcome): string | null {
  if (outcome.gasUsed !== header.gasUsed) {
    return `invalid gas used (remote: ${header.gasUsed} local: ${outcome.gasUsed})`;
  }
  const bloom = `0x${outcome.bloom.toHex()}`;
  if (bloom !== header.logsBloom) return `invalid bloom (remote: ${header.logsBloom} local: ${bloom})`;
  if (outcome.receiptsRoot !== header.receiptsRoot) {
    return `invalid receipt root hash (remote: ${header.receiptsRoot} local: ${outcome.receiptsRoot})`;
  }
  if (outcome.requestsHash !== header.requestsHash) {
    return `invalid requests hash (remote: ${header.requestsHash} local: ${outcome.requestsHash})`;
  }
  if (outcome.stateRoot !== header.stateRoot) {
    return `invalid merkle root (remote: ${header.stateRoot} local: ${outcome.stateRoot})`;
  }
  return null;
}
