import {
  blockNumber,
  float64,
  hexOrDecimal,
  list,
  quantityOrNull,
  wireFeeHistory,
  wireQuantity,
} from "../../eth/mod.ts";
import type { BlockReader } from "../../node/mod.ts";
import { type Method, method, required } from "../../rpc/method.ts";

const percentiles = list(float64, "[]float64");

/** Makes the rows that report the price of gas (execution-apis, eth/fee_market). */
export function ethFeeMarketRows({ blocks }: { blocks: BlockReader }): { readonly [name: string]: Method } {
  return {
    eth_gasPrice: method({
      summary: "Returns a gas price for legacy transactions that the next blocks should take, in wei.",
      params: [],
      result: wireQuantity,
      handler: () => blocks.gasPrice(),
    }),
    eth_maxPriorityFeePerGas: method({
      summary: "Returns a tip per gas that the next blocks should take, in wei.",
      params: [],
      result: wireQuantity,
      handler: () => blocks.maxPriorityFeePerGas(),
    }),
    eth_baseFee: method({
      summary: "Returns the base fee of the next block, in wei, null before London.",
      params: [],
      result: quantityOrNull,
      handler: () => blocks.baseFee(),
    }),
    eth_blobBaseFee: method({
      summary: "Returns the base fee for blobs, in wei per blob gas, null before Cancun.",
      params: [],
      result: quantityOrNull,
      handler: () => blocks.blobBaseFee(),
    }),
    eth_feeHistory: method({
      summary: "Returns base fees, gas used and rewards of a range of blocks.",
      params: [
        required("blockCount", hexOrDecimal, "How many blocks; 1024 at most count."),
        required("newestBlock", blockNumber),
        required("rewardPercentiles", percentiles, "Rising, between 0 and 100; 100 at most."),
      ],
      result: wireFeeHistory,
      repeatable: true,
      handler: ([count, newest, rewards]) => blocks.feeHistory(Number(count), newest, rewards ?? []),
    }),
  };
}
