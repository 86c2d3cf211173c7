import {
  blockNumber,
  type BlockRef,
  type Data,
  type Hash,
  hash,
  index,
  wireData,
  wireReceipt,
  wireTransaction,
} from "../../eth/mod.ts";
import type { BlockReader } from "../../node/mod.ts";
import { type Method, method, required } from "../../rpc/method.ts";
import { nullable } from "../../rpc/schema_object.ts";

const byNumber = required("block", blockNumber, "A block number, or latest, pending, safe, finalized, earliest.");
const byHash = required("blockHash", hash);
const transactionHash = required("transactionHash", hash);
const position = required("transactionIndex", index);

function ofHash(blockHash: Hash): BlockRef {
  return { hash: blockHash, requireCanonical: false };
}

/** Go's encoding of no bytes; other reads answer null here. */
const NO_DATA: Data = "0x";

/** Makes the rows that read transactions and receipts (execution-apis, eth/transaction; the raw ones as geth has them). */
export function ethTransactionRows({ blocks }: { blocks: BlockReader }): { readonly [name: string]: Method } {
  return {
    eth_getTransactionByHash: method({
      summary: "Returns a mined or pending transaction, null when it is unknown.",
      params: [transactionHash],
      result: nullable(wireTransaction),
      handler: ([wanted]) => blocks.transaction(wanted),
    }),
    eth_getTransactionByBlockNumberAndIndex: method({
      summary: "Returns a transaction of a block, by number or tag and position.",
      params: [byNumber, position],
      result: nullable(wireTransaction),
      handler: ([at, place]) => blocks.transactionAt(at, place),
    }),
    eth_getTransactionByBlockHashAndIndex: method({
      summary: "Returns a transaction of the block with a hash, by position.",
      params: [byHash, position],
      result: nullable(wireTransaction),
      handler: ([blockHash, place]) => blocks.transactionAt(ofHash(blockHash), place),
    }),
    eth_getRawTransactionByHash: method({
      summary: "Returns the encoded bytes of a mined or pending transaction, 0x when it is unknown.",
      params: [transactionHash],
      result: wireData,
      handler: async ([wanted]) => await blocks.rawTransaction(wanted) ?? NO_DATA,
    }),
    eth_getRawTransactionByBlockNumberAndIndex: method({
      summary: "Returns the encoded bytes of a transaction of a block, by number or tag and position.",
      params: [byNumber, position],
      result: wireData,
      handler: async ([at, place]) => await blocks.rawTransactionAt(at, place) ?? NO_DATA,
    }),
    eth_getRawTransactionByBlockHashAndIndex: method({
      summary: "Returns the encoded bytes of a transaction of the block with a hash, by position.",
      params: [byHash, position],
      result: wireData,
      handler: async ([blockHash, place]) => await blocks.rawTransactionAt(ofHash(blockHash), place) ?? NO_DATA,
    }),
    eth_getTransactionReceipt: method({
      summary: "Returns the receipt of a mined transaction, null until it is mined.",
      params: [transactionHash],
      result: nullable(wireReceipt),
      handler: ([wanted]) => blocks.receipt(wanted),
    }),
  };
}
