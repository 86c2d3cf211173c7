import { ETH_CODE } from "../../../eth/error.ts";
import type { BlockOverrides, Hash, Withdrawal } from "../../../eth/types.ts";
import type { SimulatedBlock } from "../../../eth/types.ts";
import { RpcError } from "../../../rpc/error.ts";
import { withdrawalsRoot } from "../../seal/builder.ts";
import type { Rules } from "../../../evm/forks.ts";
import type { ForkSchedule } from "../../consensus/forks.ts";
import { EMPTY_BLOOM, EMPTY_NONCE, EMPTY_ROOT, EMPTY_UNCLES_HASH, type Header } from "../../../primitives/header.ts";
import { nextBaseFee, nextExcessBlobGas } from "../../consensus/header_rules.ts";
import { MAX_SIMULATED_BLOCKS, tooMuch } from "./limits.ts";
import { ZERO_HASH } from "../../../primitives/hex.ts";

/** Seconds between blocks that name no time (geth's timestampIncrement). */
const BLOCK_SECONDS = 12n;

/** A block with its place in time settled. */
export interface PlacedBlock extends SimulatedBlock {
  readonly block: BlockOverrides & { readonly number: bigint; readonly time: bigint };
}

/** Gives the blocks numbers and times, and fills the gaps between them with empty blocks (geth's sanitizeChain). */
export function placeBlocks(base: Header, blocks: readonly SimulatedBlock[]): PlacedBlock[] {
  const placed: PlacedBlock[] = [];
  let { number, timestamp } = base;
  for (const simulated of blocks) {
    const overrides = simulated.block ?? {};
    const wanted = overrides.number ?? number + 1n;
    if (wanted <= number) {
      throw new RpcError(ETH_CODE.blockNumberInvalid, `block numbers must be in order: ${wanted} <= ${number}`);
    }
    if (wanted - base.number > BigInt(MAX_SIMULATED_BLOCKS)) throw tooMuch("too many blocks");
    while (++number < wanted) {
      timestamp += BLOCK_SECONDS;
      placed.push({ block: { number, time: timestamp }, calls: [] });
    }
    const time = overrides.time ?? timestamp + BLOCK_SECONDS;
    if (time <= timestamp) {
      throw new RpcError(
        ETH_CODE.blockTimestampInvalid,
        `block timestamps must be in order: ${time} <= ${timestamp}`,
      );
    }
    timestamp = time;
    placed.push({ ...simulated, block: { ...overrides, number, time } });
  }
  return placed;
}

/** A header before anything has run in its block. */
export interface PlannedHeader {
  readonly header: Header;
  /** The rules of the header's number and time: they decide which fields it has. */
  readonly rules: Rules;
  /** Undefined where the block has no list of withdrawals. */
  readonly withdrawals: readonly Withdrawal[] | undefined;
}

/** The parent of a header, and the rules by which it follows. */
export interface HeaderContext {
  readonly forks: ForkSchedule;
  readonly parent: Header;
  readonly parentHash: Hash;
  readonly validation: boolean;
}

/** Makes the header of a block; fields without an override come from the block before, as in geth's makeHeaders. */
export function planHeader({ block }: PlacedBlock, context: HeaderContext): PlannedHeader {
  const { forks, parent } = context;
  const isMerged = parent.difficulty === 0n || isPostMerge(forks, block);
  const difficulty = block.difficulty ?? (isMerged ? 0n : parent.difficulty);
  const rules = forks.at(block.number, block.time, difficulty === 0n);
  // The fields depend on number and time alone: a difficulty above zero changes the instructions, not the header (geth).
  const fields = rules.has("london") ? forks.at(block.number, block.time, true) : rules;
  const withdrawals = fields.has("shanghai") ? block.withdrawals ?? [] : undefined;
  const parentFields = forks.at(parent.number, parent.timestamp, parent.difficulty === 0n);
  const excess = fields.has("cancun") ? parentFields.has("cancun") ? nextExcessBlobGas(parent, fields) : 0n : null;
  const header: Header = {
    parentHash: context.parentHash,
    unclesHash: EMPTY_UNCLES_HASH,
    coinbase: block.feeRecipient ?? parent.coinbase,
    stateRoot: ZERO_HASH,
    transactionsRoot: EMPTY_ROOT,
    receiptsRoot: EMPTY_ROOT,
    logsBloom: EMPTY_BLOOM,
    difficulty,
    number: block.number,
    gasLimit: block.gasLimit ?? parent.gasLimit,
    gasUsed: 0n,
    timestamp: block.time,
    extraData: "0x",
    mixHash: block.prevRandao ?? ZERO_HASH,
    nonce: EMPTY_NONCE,
    ...(rules.has("london") ? { baseFeePerGas: block.baseFeePerGas ?? freeBaseFee(rules, context) } : {}),
    ...(withdrawals === undefined ? {} : { withdrawalsRoot: withdrawalsRoot(withdrawals) }),
    ...(excess === null ? {} : { blobGasUsed: 0n, excessBlobGas: excess }),
    ...(fields.has("cancun") ? { parentBeaconBlockRoot: block.beaconRoot ?? ZERO_HASH } : {}),
  };
  return { header, rules: fields, withdrawals };
}

/** Returns the base fee; without validation it is zero, because nobody has to pay. */
function freeBaseFee(rules: Rules, { parent, validation }: HeaderContext): bigint {
  return validation ? nextBaseFee(parent, rules) ?? 0n : 0n;
}

/** Returns geth's ChainConfig.IsPostMerge, which decides about the merge without the blocks before. */
function isPostMerge({ config }: ForkSchedule, { number, time }: PlacedBlock["block"]): boolean {
  const { terminalTotalDifficulty, mergeNetsplitBlock, times } = config;
  if (terminalTotalDifficulty === 0n) return true;
  if (mergeNetsplitBlock !== undefined && number >= mergeNetsplitBlock) return true;
  const shanghai = times.get("shanghai");
  return shanghai !== undefined && time >= shanghai;
}
