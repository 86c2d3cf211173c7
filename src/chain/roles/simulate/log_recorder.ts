import type { Address, Hash } from "../../../eth/types.ts";
import type { EvmLog } from "../../../primitives/receipt.ts";
import type { FrameEnd, FrameStart, Hooks } from "../../../evm/hooks.ts";
import { bytesToHex, hexToBytes, wordHex } from "../../../primitives/hex.ts";

/** keccak("Transfer(address,address,uint256)"). */
const TRANSFER_TOPIC: Hash = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";
/** ERC-7528: ether as if it were a token. */
const ETHER: Address = "0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee";

/** A log with its number in the block. */
export interface NumberedLog {
  readonly log: EvmLog;
  readonly index: number;
}

/**
 * Numbers the logs of a block as geth does, which counts those of failed frames as well (internal/ethapi/logtracer.go),
 * and with `transfers` adds one for each transfer of ether.
 */
export class LogRecorder {
  readonly hooks: Hooks = {
    onEnter: (frame) => this.#enter(frame),
    onExit: (end) => this.#exit(end),
    onLog: (log) => this.#log(log),
  };
  readonly #transfers: boolean;
  #count = 0;
  /** The logs of each open frame. */
  readonly #open: NumberedLog[][] = [];
  #closed: readonly NumberedLog[] = [];

  constructor({ transfers }: { readonly transfers: boolean }) {
    this.#transfers = transfers;
  }

  /** The logs and transfers of the last observed run, without those of failed frames. */
  get observed(): readonly NumberedLog[] {
    return this.#closed;
  }

  #enter({ type, from, to, value }: FrameStart): void {
    this.#open.push([]);
    if (!this.#transfers || type === "DELEGATECALL" || type === "CALLCODE" || value === undefined || value === 0n) {
      return;
    }
    const topics = [TRANSFER_TOPIC, topicOf(from), topicOf(to)];
    this.#log({ address: ETHER, topics, data: hexToBytes(wordHex(value)) });
  }

  #log(log: EvmLog): void {
    this.#open.at(-1)?.push({ log, index: this.#count++ });
  }

  #exit({ error }: FrameEnd): void {
    const logs = error === undefined ? this.#open.pop() ?? [] : (this.#open.pop(), []);
    const parent = this.#open.at(-1);
    if (parent === undefined) this.#closed = logs;
    else parent.push(...logs);
  }
}

function topicOf(address: Address): Hash {
  return bytesToHex(hexToBytes(`0x${"0".repeat(24)}${address.slice(2)}`));
}
