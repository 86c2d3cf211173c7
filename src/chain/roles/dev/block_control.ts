import type { Address, Hash } from "../../../eth/types.ts";
import type { BlockControl } from "../../../node/dev.ts";
import { invalidParams } from "../../../rpc/error.ts";
import { RawJson } from "../../../rpc/raw_json.ts";
import type { ChainCore } from "../../core/core.ts";
import type { Settings } from "../../core/settings.ts";
import { MAX_UINT64 } from "../../../primitives/uint.ts";

/** Sets the clock of the chain and the fields of the blocks to come. */
export function blockControl(core: ChainCore): BlockControl {
  function set(patch: Partial<Settings>): void {
    core.commit({ kind: "settings", patch });
  }

  return {
    increaseTime(seconds: bigint): RawJson {
      const timeOffset = core.settings.timeOffset + seconds;
      checkTimestamp(core.now() + timeOffset);
      set({ timeOffset });
      return integerJson(timeOffset);
    },

    setTime(timestamp: bigint): RawJson {
      checkTimestamp(timestamp);
      const now = core.now();
      const ahead = timestamp - now - core.settings.timeOffset;
      set({ timeOffset: timestamp - now });
      // anvil answers the seconds by which the clock moved, and never a negative number (measured).
      return integerJson(ahead > 0n ? ahead : 0n);
    },

    setNextBlockTimestamp(timestamp: bigint): void {
      const last = core.blocks.head.header.timestamp;
      if (timestamp <= last) {
        throw invalidParams(
          `Timestamp error: ${timestamp} is lower than or equal to previous block's timestamp ${last}`,
        );
      }
      checkTimestamp(timestamp);
      set({ nextTimestamp: timestamp });
    },

    setBlockTimestampInterval(seconds: bigint): void {
      checkTimestamp(core.blocks.head.header.timestamp + seconds);
      set({ timestampInterval: seconds });
    },

    removeBlockTimestampInterval(): boolean {
      const had = core.settings.timestampInterval !== null;
      set({ timestampInterval: null });
      return had;
    },

    setCoinbase(coinbase: Address): void {
      set({ coinbase });
    },

    setBlockGasLimit(gasLimit: bigint): void {
      set({ gasLimit, exactGasLimit: true });
    },

    setNextBlockBaseFeePerGas(baseFee: bigint): void {
      set({ nextBaseFee: baseFee });
    },

    setMinGasPrice(gasPrice: bigint): void {
      set({ minTip: gasPrice });
    },

    setNextBlockPrevRandao(prevRandao: Hash): void {
      set({ nextPrevRandao: prevRandao });
    },

    setChainId(chainId: bigint): void {
      set({ chainId });
    },

    genesisTime(): RawJson {
      return integerJson(core.blocks.genesis.header.timestamp);
    },
  } satisfies BlockControl;
}

/** A whole number that may be above 2^53. */
function integerJson(value: bigint): RawJson {
  return new RawJson(value.toString());
}

function checkTimestamp(timestamp: bigint): void {
  if (timestamp > MAX_UINT64) throw invalidParams(`Timestamp error: ${timestamp} does not fit 64 bits`);
}
