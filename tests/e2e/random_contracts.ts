import type { Address, Hash } from "../../src/eth/types.ts";
import { wordHex } from "../../src/primitives/hex.ts";
import type { Random } from "../support/random.ts";
import { callTo, push, pushAddress } from "../chain/assembly.ts";

/** A contract with random code and slots. */
export interface RandomContract {
  readonly address: Address;
  readonly balance: string;
  readonly code: string;
  readonly storage: Readonly<Record<Hash, Hash>>;
}

const SLOTS = 6;
/** Adds the top of the stack to the sum in memory, at 0. */
const ADDED = "5f51015f52";
const RETURNS = "60205ff3";
const LOGS = "6020" + "5f" + "a0";

/**
 * Makes contracts that read and write as many kinds of state as there are, each calling only later ones, so that all runs
 * end. Slots lead to slots: what is read often depends on what was read.
 */
export function randomContracts(random: Random, count: number): RandomContract[] {
  const addresses = Array.from({ length: count }, (_, index): Address => `0xc0${index.toString(16).padStart(38, "0")}`);
  return addresses.map((address, index) => {
    const later = addresses.slice(index + 1);
    const code = Array.from({ length: 3 + random.below(10) }, () => step(random, { addresses, later })).join("");
    const slots = Array.from({ length: SLOTS }, (_, slot) => [wordHex(BigInt(slot)), valueOf(random)] as const);
    return {
      address,
      balance: `0x${random.below(1000).toString(16)}`,
      code: `0x${code}${random.chance(0.3) ? LOGS : ""}${RETURNS}`,
      storage: Object.fromEntries(slots.filter(([, value]) => value !== wordHex(0n))),
    };
  });
}

function valueOf(random: Random): Hash {
  return wordHex(BigInt(random.chance(0.3) ? 0 : random.below(SLOTS + 2)));
}

function step(
  random: Random,
  { addresses, later }: { readonly addresses: readonly Address[]; readonly later: readonly Address[] },
): string {
  const slot = push(random.below(SLOTS + 1));
  const someone = pushAddress(random.chance(0.2) ? `0x${"77".repeat(20)}` : random.pick(addresses));
  switch (random.below(11)) {
    case 0:
    case 1:
      return `${slot}54${ADDED}`;
    case 2:
      return `${slot}5454${ADDED}`;
    case 3:
      return `${slot}545454${ADDED}`;
    case 4:
      return `${push(random.below(3))}${slot}55`;
    case 5:
      return `${someone}31${ADDED}`;
    case 6:
      return `${someone}3f60ff16${ADDED}`;
    case 7:
      return `${someone}3b${ADDED}`;
    case 8:
      return `${push(1 + random.below(5))}4303406101ff16${ADDED}`;
    case 9:
      return `47${ADDED}`;
    default: {
      if (later.length === 0) return `${slot}54${ADDED}`;
      const op = random.pick(["call", "call", "delegateCall", "staticCall"] as const);
      const value = op === "call" && random.chance(0.3) ? 1n : 0n;
      return `${callTo(random.pick(later), { op, value, gas: 150_000, output: 32 })}`;
    }
  }
}
