import { address, hash, hexOrDecimal, hexOrDecimal256 } from "../../eth/input/scalar.ts";
import type { BlockControl } from "../../node/mod.ts";
import type { Awaitable } from "../../rpc/awaitable.ts";
import { method, type Parameter, required } from "../../rpc/method.ts";
import { boolean, integer, type Schema } from "../../rpc/schema.ts";
import { mapped } from "../../rpc/schema_object.ts";
import { type DevRow, named, nothing } from "./row.ts";

/** hardhat's clients count this interval in milliseconds (viem's testClient, measured); a block's clock has seconds. */
const milliseconds: Schema<bigint> = mapped(hexOrDecimal, (value) => value / 1000n);

/** Makes a row that changes one field of the blocks to come and has no result. */
function setter<T>(
  summary: string,
  options: { readonly parameter: Parameter<T>; readonly set: (value: T) => Awaitable<void> },
) {
  return method({
    summary,
    params: [options.parameter],
    result: nothing,
    async handler([value]) {
      await options.set(value as T);
      return null;
    },
  });
}

/** Makes the rows that set the clock of the chain and the fields of the blocks to come. */
export function blockRows(dev: BlockControl): readonly DevRow[] {
  return [...clockRows(dev), ...headerRows(dev)];
}

function clockRows(dev: BlockControl): readonly DevRow[] {
  const setInterval = (value: bigint) => dev.setBlockTimestampInterval(value);
  return [
    named(
      "anvil_increaseTime evm_increaseTime",
      method({
        summary: "Moves the chain's clock ahead and returns its whole distance from real time in seconds.",
        params: [required("seconds", hexOrDecimal)],
        result: integer(),
        handler: ([by]) => dev.increaseTime(by),
      }),
    ),
    named(
      "anvil_setTime evm_setTime",
      method({
        summary: "Sets the chain's clock and returns by how many seconds that moved it ahead.",
        params: [required("timestamp", hexOrDecimal, "Unix seconds.")],
        result: integer({ minimum: 0 }),
        handler: ([timestamp]) => dev.setTime(timestamp),
      }),
    ),
    named(
      "anvil_setNextBlockTimestamp evm_setNextBlockTimestamp",
      setter("Fixes the timestamp of the next block; the clock goes on from there.", {
        parameter: required("timestamp", hexOrDecimal, "Unix seconds, above the head's."),
        set: (timestamp) => dev.setNextBlockTimestamp(timestamp),
      }),
    ),
    named(
      "anvil_setBlockTimestampInterval",
      setter("Puts blocks so many seconds apart, whatever the clock says.", {
        parameter: required("seconds", hexOrDecimal),
        set: setInterval,
      }),
    ),
    named(
      "hardhat_setBlockTimestampInterval",
      setter("Puts blocks so many milliseconds apart, cut to seconds, whatever the clock says.", {
        parameter: required("milliseconds", milliseconds),
        set: setInterval,
      }),
    ),
    named(
      "anvil_removeBlockTimestampInterval hardhat_removeBlockTimestampInterval",
      method({
        summary: "Lets the clock decide again; false when no interval was set.",
        params: [],
        result: boolean,
        handler: () => dev.removeBlockTimestampInterval(),
      }),
    ),
    named(
      "anvil_getGenesisTime",
      method({
        summary: "Returns the timestamp of block 0 in seconds.",
        params: [],
        result: integer({ minimum: 0 }),
        handler: () => dev.genesisTime(),
      }),
    ),
  ];
}

function headerRows(dev: BlockControl): readonly DevRow[] {
  return [
    named(
      "anvil_setBlockGasLimit evm_setBlockGasLimit",
      method({
        summary: "Sets the gas limit of the blocks to come; answers true.",
        params: [required("gasLimit", hexOrDecimal)],
        result: boolean,
        async handler([gasLimit]) {
          await dev.setBlockGasLimit(gasLimit);
          return true;
        },
      }),
    ),
    named(
      "anvil_setCoinbase hardhat_setCoinbase",
      setter("Sets who gets the fees of the blocks to come.", {
        parameter: required("address", address),
        set: (coinbase) => dev.setCoinbase(coinbase),
      }),
    ),
    named(
      "anvil_setNextBlockBaseFeePerGas hardhat_setNextBlockBaseFeePerGas",
      setter("Fixes the base fee of the next block, in wei.", {
        parameter: required("baseFee", hexOrDecimal),
        set: (baseFee) => dev.setNextBlockBaseFeePerGas(baseFee),
      }),
    ),
    named(
      "anvil_setMinGasPrice hardhat_setMinGasPrice",
      setter("Sets the least tip, or gas price before London, that the pool admits, in wei.", {
        parameter: required("gasPrice", hexOrDecimal256),
        set: (gasPrice) => dev.setMinGasPrice(gasPrice),
      }),
    ),
    named(
      "anvil_setNextBlockPrevRandao hardhat_setPrevRandao",
      setter("Fixes the randomness (PREVRANDAO) of the next block.", {
        parameter: required("prevRandao", hash),
        set: (prevRandao) => dev.setNextBlockPrevRandao(prevRandao),
      }),
    ),
    named(
      "anvil_setChainId",
      setter("Changes the chain id that new transactions must carry.", {
        parameter: required("chainId", hexOrDecimal),
        set: (chainId) => dev.setChainId(chainId),
      }),
    ),
  ];
}
