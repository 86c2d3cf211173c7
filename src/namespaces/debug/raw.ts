import { blockNumberOrHash, hash, text, wireData } from "../../eth/mod.ts";
import type { BlockReader, RawReader } from "../../node/mod.ts";
import { serverError } from "../../rpc/error.ts";
import { type Method, method, optional, required } from "../../rpc/method.ts";
import { anything, array } from "../../rpc/schema.ts";
import { nullable } from "../../rpc/schema_object.ts";

const block = required("block", blockNumberOrHash);

/** Makes the rows that read consensus encodings. */
export function debugRawRows(
  { raw, blocks }: { readonly raw: RawReader; readonly blocks: BlockReader },
): { readonly [name: string]: Method } {
  return {
    debug_getRawHeader: method({
      summary: "Returns the RLP encoding of a header.",
      params: [block],
      result: wireData,
      repeatable: true,
      handler: ([at]) => raw.rawHeader(at),
    }),
    debug_getRawBlock: method({
      summary: "Returns the RLP encoding of a block.",
      params: [block],
      result: wireData,
      repeatable: true,
      handler: ([at]) => raw.rawBlock(at),
    }),
    debug_getRawReceipts: method({
      summary: "Returns the consensus encodings of the receipts of a block.",
      params: [block],
      result: nullable(array(wireData)),
      repeatable: true,
      handler: ([at]) => raw.rawReceipts(at),
    }),
    debug_getRawTransaction: method({
      summary: "Returns the encoding of a mined or waiting transaction, no bytes when there is none.",
      params: [required("transactionHash", hash)],
      result: wireData,
      repeatable: true,
      handler: async ([wanted]) => await blocks.rawTransaction(wanted) ?? "0x",
    }),
    debug_getBadBlocks: method({
      summary: "Returns the blocks that were refused lately; a file to write them to is refused.",
      params: [optional("file", text, "geth writes the blocks to this file; here null or absent.")],
      result: array(anything),
      handler([file]) {
        if (file !== undefined) throw serverError("this server writes no files: leave the file out");
        return raw.badBlocks();
      },
    }),
  };
}
