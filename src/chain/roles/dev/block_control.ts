import type { Address, Hash } from "../../../eth/types.ts";
import type { BlockControl } from "../../../node/dev.ts";
import { invalidParams } from "../../../rpc/error.ts";
import { RawJson } from "../../../rpc/raw_json.ts";
import type { ChainCore } from "../../core/core.ts";
import type { Settings } from "../../core/settings.ts";
import { MAX_UINT64 } from "../../../primitives/uint.ts";

/** The clock of the chain and the fields of the blocks to come. */
export class EmbeddedBlockControl implements BlockControl {
  readonly #core: ChainCore;

  constructor(core: ChainCore) {
    this.#core = core;
  }

  #set(patch: Partial<Settings>): void {
    this.#core.commit({ kind: "settings", patch });
  }

  increaseTime(seconds: bigint): RawJson {
    const timeOffset = this.#core.settings.timeOffset + seconds;
    checkTimestamp(this.#core.now() + timeOffset);
    this.#set({ timeOffset });
    return integerJson(timeOffset);
  }

  setTime(timestamp: bigint): RawJson {
    checkTimestamp(timestamp);
    const now = this.#core.now();
    const ahead = timestamp - now - this.#core.settings.timeOffset;
    this.#set({ timeOffset: timestamp - now });
    // anvil answers how far the clock went, and never less than nothing (measured).
    return integerJson(ahead > 0n ? ahead : 0n);
  }

  setNextBlockTimestamp(timestamp: bigint): void {
    const last = this.#core.blocks.head.header.timestamp;
    if (timestamp <= last) {
      throw invalidParams(`Timestamp error: ${timestamp} is lower than or equal to previous block's timestamp ${last}`);
    }
    checkTimestamp(timestamp);
    this.#set({ nextTimestamp: timestamp });
  }

  setBlockTimestampInterval(seconds: bigint): void {
    checkTimestamp(this.#core.blocks.head.header.timestamp + seconds);
    this.#set({ timestampInterval: seconds });
  }

  removeBlockTimestampInterval(): boolean {
    const had = this.#core.settings.timestampInterval !== null;
    this.#set({ timestampInterval: null });
    return had;
  }

  setCoinbase(coinbase: Address): void {
    this.#set({ coinbase });
  }

  setBlockGasLimit(gasLimit: bigint): void {
    this.#set({ gasLimit, exactGasLimit: true });
  }

  setNextBlockBaseFeePerGas(baseFee: bigint): void {
    this.#set({ nextBaseFee: baseFee });
  }

  setMinGasPrice(gasPrice: bigint): void {
    this.#set({ minTip: gasPrice });
  }

  setNextBlockPrevRandao(prevRandao: Hash): void {
    this.#set({ nextPrevRandao: prevRandao });
  }

  setChainId(chainId: bigint): void {
    this.#set({ chainId });
  }

  genesisTime(): RawJson {
    return integerJson(this.#core.blocks.genesis.header.timestamp);
  }
}

/** A whole number that may be above 2^53. */
function integerJson(value: bigint): RawJson {
  return new RawJson(value.toString());
}

function checkTimestamp(timestamp: bigint): void {
  if (timestamp > MAX_UINT64) throw invalidParams(`Timestamp error: ${timestamp} does not fit 64 bits`);
}
