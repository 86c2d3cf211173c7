import type { Random } from "../../support/random.ts";

/** Calls a method; resolves with the result, or with the error object of the answer. */
export type Call = (method: string, ...params: unknown[]) => Promise<unknown>;

/** A call with its parameters. */
export type Step = readonly [method: string, ...params: unknown[]];

/** Something that is done to a chain. */
export interface Act {
  readonly name: string;
  /** What a client sends, all at once. */
  readonly calls: readonly Step[];
  /**
   * The same in steps that a crash may part: what is on disk is what some of the first of them do. `whole` is for an act
   * that leaves something on its way that its steps do not: the chain is taken back to where it was then.
   */
  readonly steps: readonly Step[] | "whole" | "as sealed";
}

/** Stores calldata[32..64] at calldata[0..32], and logs it under that topic. */
export const KEEPER = `0x${"5e".repeat(20)}`;
export const KEEPER_CODE = "0x6020358060003555600052600035602060002060006000a1";
const FEES = { gas: "0x186a0", maxFeePerGas: "0x2540be4000" };

function word(value: number): string {
  return value.toString(16).padStart(64, "0");
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

/** Draws acts. It knows what a client knows: the accounts, and the snapshots that it was told of. */
export class Acts {
  readonly #random: Random;
  readonly #accounts: readonly string[];
  readonly snapshots: string[] = [];

  constructor(random: Random, accounts: readonly string[]) {
    this.#random = random;
    this.#accounts = accounts;
  }

  next({ height, automine }: { readonly height: number; readonly automine: boolean }): Act {
    const random = this.#random;
    if (!automine) {
      return random.chance(0.4) ? this.#crowd() : random.chance(0.5) ? this.#mine(1) : this.#automine(true);
    }
    const drawn = random.below(20);
    if (drawn < 5) return single("send", this.#send(this.#accounts[0] ?? "", 1));
    if (drawn < 8) return single("store", this.#store(this.#accounts[1] ?? ""));
    if (drawn < 10) return this.#burst();
    if (drawn < 11) return this.#automine(false);
    if (drawn < 12) return this.#mine(1 + random.below(4));
    if (drawn < 13) return { name: "range", calls: [["anvil_mine", hex(300)]], steps: "whole" };
    if (drawn < 15) return single("edit", this.#edit());
    if (drawn < 16) return single("snapshot", ["evm_snapshot"]);
    if (drawn < 17 && this.snapshots.length > 0) return single("revert", ["evm_revert", random.pick(this.snapshots)]);
    const depth = Math.min(height, 1 + random.below(3));
    if (depth === 0) return single("send", this.#send(this.#accounts[0] ?? "", 1));
    return drawn < 19 ? single("reorg", ["anvil_reorg", depth, []]) : single("rollback", ["anvil_rollback", depth]);
  }

  #send(from: string, tip: number): Step {
    const to = `0x${word(0x1000 + this.#random.below(64)).slice(24)}`;
    return ["eth_sendTransaction", {
      from,
      to,
      value: hex(this.#random.below(1e9)),
      ...FEES,
      maxPriorityFeePerGas: hex(tip),
    }];
  }

  #store(from: string): Step {
    const input = `0x${word(this.#random.below(32))}${word(this.#random.below(3))}`;
    return ["eth_sendTransaction", { from, to: KEEPER, input, ...FEES, maxPriorityFeePerGas: "0x1" }];
  }

  #edit(): Step {
    const address = `0x${word(0x2000 + this.#random.below(16)).slice(24)}`;
    switch (this.#random.below(4)) {
      case 0:
        return ["anvil_setBalance", address, hex(1 + this.#random.below(1e9))];
      case 1:
        return ["anvil_setNonce", address, hex(1 + this.#random.below(1e9))];
      case 2:
        return ["anvil_setCode", address, `0x60${word(this.#random.below(200)).slice(62)}`];
      default:
        return ["anvil_setStorageAt", KEEPER, hex(this.#random.below(32)), `0x${word(this.#random.below(3))}`];
    }
  }

  /** Several senders at once. Tips differ, so the order in a block does not depend on who came first. */
  #sends(): Step[] {
    return this.#accounts.slice(2, 7).map((from, index) => this.#send(from, index + 2));
  }

  #burst(): Act {
    return { name: "burst", calls: this.#sends(), steps: "as sealed" };
  }

  #crowd(): Act {
    return { name: "crowd", calls: this.#sends(), steps: "as sealed" };
  }

  #mine(count: number): Act {
    return { name: "mine", calls: [["anvil_mine", hex(count)]], steps: Array(count).fill(["anvil_mine", "0x1"]) };
  }

  #automine(enabled: boolean): Act {
    return single("automine", ["evm_setAutomine", enabled]);
  }
}

function single(name: string, call: Step): Act {
  return { name, calls: [call], steps: [call] };
}
