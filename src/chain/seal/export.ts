import type { ChainCore } from "../core/core.ts";
import { encodeBlock } from "../store/block_codec.ts";
import { ExportError } from "./export_error.ts";
import { Pacer } from "../../concurrency/pacer.ts";

/** Blocks are handed over together in pieces of about this size. */
const PIECE_BYTES = 256 * 1024;

/** Writes the canonical chain as `geth export` does: the RLP of one block after the other, from the lowest up. */
export async function exportBlocks(core: ChainCore, write: (bytes: Uint8Array) => Promise<void>): Promise<void> {
  const pacer = new Pacer({});
  let piece = "";
  for (const segment of core.blocks.segmentsFrom(core.blocks.genesis.number)) {
    if ("last" in segment) {
      throw new ExportError(
        `blocks ${segment.first} to ${segment.last} were mined together by one call and have hashes that are not those ` +
          "of their headers: no other node could read them",
      );
    }
    const body = segment.body();
    const unsigned = body.transactions.find(({ impersonated }) => impersonated);
    if (unsigned !== undefined) {
      throw new ExportError(
        `transaction ${unsigned.hash} of block ${segment.number} is of an impersonated account and has no signature: ` +
          "no other node could read it",
      );
    }
    piece += encodeBlock(segment.header, body);
    if (piece.length >= PIECE_BYTES * 2) {
      await write(Uint8Array.fromHex(piece));
      piece = "";
    }
    await pacer.breathe();
  }
  if (piece !== "") await write(Uint8Array.fromHex(piece));
}
