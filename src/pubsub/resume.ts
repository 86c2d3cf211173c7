import type { Hash } from "../eth/types.ts";
import { type ChainEventSource, NO_PARTS } from "../events/mod.ts";
import { CODE, invalidParams, RpcError } from "../rpc/error.ts";
import { parentOf, type Position, positionOf, type Stream } from "./stream.ts";
import { quantity } from "../primitives/hex.ts";

/** The point from which a client wants to go on: the first block it wants, and the last block it saw. */
export interface ResumePoint {
  readonly fromBlock?: bigint;
  readonly blockHash?: Hash;
  /** With `blockHash`: the first block of which the client may have logs; every block when absent. */
  readonly firstBlock?: bigint;
}

/** The start of a replay, which goes on as if the subscription had been live when `at` was the head. */
export interface ResumeStart {
  readonly at: Position;
  /** Blocks at or below this number were not delivered to the client; -1 when every block may have been. */
  readonly deliveredAbove: bigint;
  /** The first of the canonical blocks up to `at` that are delivered again; null when none is. */
  readonly repeatFrom: bigint | null;
  /** The first block whose logs are delivered; null when all are. */
  readonly fromBlock: bigint | null;
}

export interface LocateOptions {
  readonly stream: Stream;
  /** What the subscriber is: logs can begin at a block that is still to come. */
  readonly kind: "heads" | "logs";
}

/**
 * Finds the block after which a subscription goes on: the parent of `fromBlock`, or the block with `blockHash`. In the
 * second case the client is notified when that block or an ancestor of it has been abandoned. With both, a `fromBlock` at
 * or below the block with `blockHash` asks for the canonical blocks from `fromBlock` on again: a client whose connection
 * broke between two logs of a block names that block in both. Fails with -32001 and the oldest block that can be resumed
 * from when the kept history does not reach that far.
 */
export async function locateResume(point: ResumePoint, { stream, kind }: LocateOptions): Promise<ResumeStart> {
  const { fromBlock, blockHash } = point;
  if (blockHash !== undefined) return await after(blockHash, { point, stream });
  const head = await stream.locate();
  // As geth: logs begin at that block, whatever becomes of the blocks below it.
  const isToCome = head !== null && fromBlock !== undefined && fromBlock > head.number + 1n &&
    fromBlock > stream.source.headNumber();
  if (isToCome && kind === "logs") return { at: head, deliveredAbove: head.number, repeatFrom: null, fromBlock };
  const at = await before(fromBlock ?? stream.source.headNumber() + 1n, stream);
  return { at, deliveredAbove: at.number, repeatFrom: null, fromBlock: null };
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
  const block = await source.blockEventAt(fromBlock, NO_PARTS);
  if (block !== null) return parentOf(block);
  if (fromBlock < source.oldestBlockEvent()) throw tooOld(`from block ${wanted}`, source);
  throw resumeError(`cannot resume from block ${wanted}: it is being replaced`, source);
}

async function after(
  blockHash: Hash,
  { point, stream }: { point: ResumePoint; stream: Stream },
): Promise<ResumeStart> {
  const { source } = stream;
  const { fromBlock, firstBlock = 0n } = point;
  const seen = await source.blockEventOf(blockHash, NO_PARTS);
  if (seen === null) {
    throw resumeError(`cannot resume after block ${blockHash}: it is unknown, or older than what is kept`, source);
  }
  if (fromBlock !== undefined && fromBlock > seen.number + 1n) {
    throw invalidParams(
      `fromBlock ${quantity(fromBlock)} leaves a gap: blockHash is of block ${quantity(seen.number)}, ` +
        `so fromBlock can be at most ${quantity(seen.number + 1n)}`,
    );
  }
  if (firstBlock > seen.number + 1n) {
    throw invalidParams(
      `firstBlock ${quantity(firstBlock)} is above blockHash, which is of block ${quantity(seen.number)}: ` +
        "it names the first block of which the client has logs",
    );
  }
  const repeats = fromBlock !== undefined && fromBlock <= seen.number;
  if (repeats && fromBlock < source.oldestBlockEvent()) throw tooOld(`from block ${quantity(fromBlock)}`, source);
  const at = positionOf(seen);
  await checkReach(at, stream);
  return { at, deliveredAbove: firstBlock - 1n, repeatFrom: repeats ? fromBlock : null, fromBlock: null };
}

/** Walks from an abandoned block to the canonical chain, so that a gap in the kept history is refused at the start. */
async function checkReach(from: Position, stream: Stream): Promise<void> {
  const { source } = stream;
  for (let at = from; !(await isCanonical(at, stream));) {
    const block = await source.blockEventOf(at.hash, NO_PARTS);
    if (block === null) throw tooOld(`after block ${from.hash}`, source);
    at = parentOf(block);
  }
}

/** Returns true when the chain can be followed from `at`: it is the head, or its canonical child is known. */
async function isCanonical(at: Position, stream: Stream): Promise<boolean> {
  if ((await stream.locate())?.hash === at.hash) return true;
  return (await stream.source.blockEventAt(at.number + 1n, NO_PARTS))?.parentHash === at.hash;
}

function tooOld(where: string, source: ChainEventSource): RpcError {
  const oldest = quantity(source.oldestBlockEvent());
  return resumeError(`cannot resume ${where}: the oldest block that can be resumed from is ${oldest}`, source);
}
