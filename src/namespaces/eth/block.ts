import {
  blockNumber,
  blockNumberOrHash,
  type BlockRef,
  bool,
  type Hash,
  hash,
  index,
  quantityOrNull,
  wireBlock,
  wireHeader,
  wireReceipt,
  wireUncle,
} from "../../eth/mod.ts";
import type { BlockReader } from "../../node/mod.ts";
import { type Method, method, required } from "../../rpc/method.ts";
import { array } from "../../rpc/schema.ts";
import { nullable } from "../../rpc/schema_object.ts";

const byNumber = required("block", blockNumber, "A block number, or latest, pending, safe, finalized, earliest.");
const byHash = required("blockHash", hash);
const full = required("hydratedTransactions", bool, "True for whole transactions, false for their hashes.");
const uncleIndex = required("uncleIndex", index);

function ofHash(blockHash: Hash): BlockRef {
  return { hash: blockHash, requireCanonical: false };
}

/** Makes the rows that read blocks, headers, uncles and block receipts (execution-apis, eth/block). */
export function ethBlockRows({ blocks }: { blocks: BlockReader }): { readonly [name: string]: Method } {
  return {
    eth_getBlockByNumber: method({
      summary: "Returns a block by number or tag, null when there is none.",
      params: [byNumber, full],
      result: nullable(wireBlock),
      repeatable: true,
      handler: ([at, whole]) => blocks.block(at, whole),
    }),
    eth_getBlockByHash: method({
      summary: "Returns the block with a hash, null when there is none.",
      params: [byHash, full],
      result: nullable(wireBlock),
      repeatable: true,
      handler: ([blockHash, whole]) => blocks.block(ofHash(blockHash), whole),
    }),
    eth_getHeaderByNumber: method({
      summary: "Returns a header by number or tag, null when there is none.",
      params: [byNumber],
      result: nullable(wireHeader),
      handler: ([at]) => blocks.header(at),
    }),
    eth_getHeaderByHash: method({
      summary: "Returns the header with a hash, null when there is none.",
      params: [byHash],
      result: nullable(wireHeader),
      handler: ([blockHash]) => blocks.header(ofHash(blockHash)),
    }),
    eth_getBlockTransactionCountByNumber: method({
      summary: "Returns how many transactions a block has, by number or tag.",
      params: [byNumber],
      result: quantityOrNull,
      handler: ([at]) => blocks.transactionCountOf(at),
    }),
    eth_getBlockTransactionCountByHash: method({
      summary: "Returns how many transactions the block with a hash has.",
      params: [byHash],
      result: quantityOrNull,
      handler: ([blockHash]) => blocks.transactionCountOf(ofHash(blockHash)),
    }),
    eth_getUncleCountByBlockNumber: method({
      summary: "Returns how many uncles a block has, by number or tag.",
      params: [byNumber],
      result: quantityOrNull,
      handler: ([at]) => blocks.uncleCountOf(at),
    }),
    eth_getUncleCountByBlockHash: method({
      summary: "Returns how many uncles the block with a hash has.",
      params: [byHash],
      result: quantityOrNull,
      handler: ([blockHash]) => blocks.uncleCountOf(ofHash(blockHash)),
    }),
    eth_getUncleByBlockNumberAndIndex: method({
      summary: "Returns an uncle of a block, by number or tag and position.",
      params: [byNumber, uncleIndex],
      result: nullable(wireUncle),
      handler: ([at, position]) => blocks.uncle(at, position),
    }),
    eth_getUncleByBlockHashAndIndex: method({
      summary: "Returns an uncle of the block with a hash, by position.",
      params: [byHash, uncleIndex],
      result: nullable(wireUncle),
      handler: ([blockHash, position]) => blocks.uncle(ofHash(blockHash), position),
    }),
    eth_getBlockReceipts: method({
      summary: "Returns the receipts of every transaction of a block, null when there is no such block.",
      params: [required("block", blockNumberOrHash)],
      result: nullable(array(wireReceipt)),
      repeatable: true,
      handler: ([at]) => blocks.receiptsOf(at),
    }),
  };
}
