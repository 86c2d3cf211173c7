import type { ChainEventSource, Hash } from "../eth/types.ts";
import { CODE, invalidParams, RpcError } from "../rpc/error.ts";
import { parentOf, type Position, positionOf, type Stream } from "./stream.ts";
import { quantity } from "../primitives/hex.ts";

/** What a client says of where it was: the first block it wants, and the last block it saw. */
export interface ResumePoint {
  readonly fromBlock?: bigint;
  readonly blockHash?: Hash;
}

/** Where a replay begins: as if the subscription had been live when `at` was the head. */
export interface ResumeStart {
  readonly at: Position;
  /** The height up to which nothing was delivered, so that no removal is owed; -1 when all may have been. */
  readonly floor: bigint;
  /** The first of the canonical blocks up to `at` that are wanted once more; null when none is. */
  readonly repeatFrom: bigint | null;
}

/** Nothing is known of what a client saw below its last block, so it is taken to have seen everything. */
const SAW_EVERYTHING = -1n;

/**
 * Finds the block after which a subscription goes on: the one before `fromBlock`, or the one with `blockHash`, whose
 * removal and that of its ancestors is then owed. With both, a `fromBlock` that is not above the block with `blockHash`
 * asks for what is canonical from there on once more: a client that was cut off amid the logs of a block names that
 * block twice. Fails with -32001 and the oldest block that can be resumed from when history does not reach.
 */
export async function locateResume(point: ResumePoint, stream: Stream): Promise<ResumeStart> {
  const { fromBlock, blockHash } = point;
  if (blockHash !== undefined) return await after(blockHash, { fromBlock, stream });
  const at = await before(fromBlock ?? stream.source.headNumber() + 1n, stream);
  return { at, floor: at.number, repeatFrom: null };
}

/** The refusal of a resume that the kept history cannot serve (EIP-1474: -32001, resource not found). */
export function resumeError(message: string, source: ChainEventSource): RpcError {
  return new RpcError(CODE.resourceNotFound, message, {
    data: {
      oldestBlock: quantity(source.oldestBlockEvent()),
      headBlock: quantity(source.headNumber()),
    },
  });
}

async function before(fromBlock: bigint, stream: Stream): Promise<Position> {
  const { source } = stream;
  const wanted = quantity(fromBlock);
  const head = await stream.locate();
  if (head !== null && fromBlock === head.number + 1n) return head;
  if (fromBlock > source.headNumber()) {
    const number = quantity(source.headNumber());
    throw resumeError(`cannot resume from block ${wanted}: the head is block ${number}`, source);
  }
  const block = await source.blockEventAt(fromBlock);
  if (block !== null) return parentOf(block);
  if (fromBlock < source.oldestBlockEvent()) throw tooOld(`from block ${wanted}`, source);
  throw resumeError(`cannot resume from block ${wanted}: it is being replaced`, source);
}

async function after(
  blockHash: Hash,
  { fromBlock, stream }: { fromBlock: bigint | undefined; stream: Stream },
): Promise<ResumeStart> {
  const { source } = stream;
  const seen = await source.blockEventOf(blockHash);
  if (seen === null) {
    throw resumeError(`cannot resume after block ${blockHash}: it is unknown, or older than what is kept`, source);
  }
  if (fromBlock !== undefined && fromBlock > seen.number + 1n) {
    throw invalidParams(
      `fromBlock ${quantity(fromBlock)} leaves a gap: blockHash is of block ${quantity(seen.number)}, ` +
        `so fromBlock can be at most ${quantity(seen.number + 1n)}`,
    );
  }
  const repeats = fromBlock !== undefined && fromBlock <= seen.number;
  if (repeats && fromBlock < source.oldestBlockEvent()) throw tooOld(`from block ${quantity(fromBlock)}`, source);
  const at = positionOf(seen);
  await checkReach(at, stream);
  return { at, floor: SAW_EVERYTHING, repeatFrom: repeats ? fromBlock : null };
}

/** Walks from an abandoned block to the canonical chain, so that what is not kept is refused before the first event. */
async function checkReach(from: Position, stream: Stream): Promise<void> {
  const { source } = stream;
  for (let at = from; !(await isCanonical(at, stream));) {
    const block = await source.blockEventOf(at.hash);
    if (block === null) throw tooOld(`after block ${from.hash}`, source);
    at = parentOf(block);
  }
}

/** True when the chain can be followed from `at`: it is the head, or its successor is at hand. */
async function isCanonical(at: Position, stream: Stream): Promise<boolean> {
  if ((await stream.locate())?.hash === at.hash) return true;
  return (await stream.source.blockEventAt(at.number + 1n))?.parentHash === at.hash;
}

function tooOld(where: string, source: ChainEventSource): RpcError {
  const oldest = quantity(source.oldestBlockEvent());
  return resumeError(`cannot resume ${where}: the oldest block that can be resumed from is ${oldest}`, source);
}
