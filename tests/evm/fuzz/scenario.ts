import { type Fork, isSince } from "../../../src/evm/forks.ts";
import type { Address, Hash } from "../../../src/eth/types.ts";
import { Random } from "../../support/random.ts";
import { type Opcode, OPCODES } from "../assembly/opcodes.ts";
import { AUTHORITIES, randomAuthorization } from "./authorization.ts";
import { randomCode } from "./code.ts";
import { PRECOMPILE_INPUTS } from "./precompile_inputs.ts";
import { anyAddress, anyLength, anyWord, bits, COINBASE, CONTRACTS, NOBODY, RICH, SENDER } from "./words.ts";

/** One call in a state of its own, as JSON-RPC takes it; the same seed and fork give the same scenario. */
export interface Scenario {
  readonly seed: number;
  readonly fork: Fork;
  readonly request: CallRequest;
  readonly stateOverrides: Readonly<Record<Address, unknown>>;
  readonly blockOverrides: Readonly<Record<string, unknown>>;
}

/** The members of a call that a scenario sets. */
export interface CallRequest {
  readonly from: Address;
  readonly to?: Address;
  readonly gas: string;
  readonly value: string;
  readonly input: string;
  readonly [member: string]: unknown;
}

const MAX_CONTRACTS = 4;
const GAS = [100_000n, 200_000n, 300_000n];
/** More would let programs that call themselves run for seconds. */
const MUCH_GAS = 1_000_000n;

export function scenarioOf(seed: number, fork: Fork): Scenario {
  const random = new Random(seed);
  const known = OPCODES.filter(({ since }) => isSince(fork, since));
  const contracts = CONTRACTS.slice(0, 1 + random.below(MAX_CONTRACTS));
  const stateOverrides: Record<Address, unknown> = {
    [SENDER]: { balance: hex(10n ** 21n), ...(random.chance(0.2) ? { nonce: hex(BigInt(random.below(3))) } : {}) },
    [RICH]: { balance: hex(10n ** 18n) },
  };
  for (const address of contracts) stateOverrides[address] = randomContract(random, known);
  if (isSince(fork, "prague") && random.chance(0.3)) {
    for (const { address } of AUTHORITIES) {
      if (random.chance(0.5)) {
        stateOverrides[address] = { code: `0xef0100${anyAddress(random).slice(2)}`, nonce: "0x1" };
      }
    }
    if (random.chance(0.3)) {
      stateOverrides[CONTRACTS[0] ?? RICH] = { code: `0xef0100${(CONTRACTS[1] ?? RICH).slice(2)}`, balance: "0x5" };
    }
  }
  return {
    seed,
    fork,
    request: randomRequest(random, { fork, known }),
    stateOverrides,
    blockOverrides: random.chance(0.15) ? randomBlock(random, fork) : {},
  };
}

function randomContract(random: Random, known: readonly Opcode[]) {
  const slots = Array.from({ length: random.below(4) }, (_, index) => [
    word(BigInt(index)),
    word(random.chance(0.9) ? BigInt(random.below(3)) : anyWord(random)),
  ]);
  return {
    code: bytes(randomCode({ random, known, nesting: 2 })),
    ...(random.chance(0.7) ? { balance: hex(BigInt(random.below(5))) } : {}),
    ...(random.chance(0.1) ? { nonce: hex(random.chance(0.2) ? (1n << 64n) - 1n : 1n) } : {}),
    ...(slots.length > 0 ? { state: Object.fromEntries(slots) } : {}),
  };
}

function randomRequest(random: Random, rules: { fork: Fork; known: readonly Opcode[] }): CallRequest {
  const { fork, known } = rules;
  const isCreation = random.chance(0.08);
  const input = isCreation ? bytes(randomCode({ random, known, nesting: 2 })) : randomInput(random);
  return {
    from: random.chance(0.95) ? SENDER : random.pick([RICH, ...AUTHORITIES.map(({ address }) => address)]),
    ...(isCreation ? {} : { to: random.chance(0.93) ? CONTRACTS[0] ?? SENDER : anyAddress(random) }),
    gas: hex(randomGas(random)),
    value: hex(random.chance(0.7) ? 0n : BigInt(random.below(4))),
    input,
    // Before their fork as well, where they are refused.
    ...(random.chance(isSince(fork, "berlin") ? 0.15 : 0.02) ? { accessList: randomAccessList(random) } : {}),
    ...(!isCreation && random.chance(isSince(fork, "prague") ? 0.1 : 0.02)
      ? { authorizationList: Array.from({ length: 1 + random.below(3) }, () => randomAuthorization(random)) }
      : {}),
    ...(!isCreation && random.chance(isSince(fork, "cancun") ? 0.1 : 0.02)
      ? {
        blobVersionedHashes: Array.from({ length: 1 + random.below(3) }, () => `0x01${word(anyWord(random)).slice(4)}`),
      }
      : {}),
  };
}

/** Mostly enough for what a program does, sometimes for its first steps only. */
function randomGas(random: Random): bigint {
  const kind = random.below(20);
  if (kind < 13) return random.pick(GAS);
  return kind < 19 ? BigInt(21_000 + random.below(40_000)) : MUCH_GAS;
}

function randomInput(random: Random): string {
  const kind = random.below(10);
  if (kind < 4) return random.pick(PRECOMPILE_INPUTS);
  if (kind < 5) return "0x";
  const length = Number(anyLength(random) % 300n);
  return bytes(Array.from({ length }, () => random.below(random.chance(0.5) ? 256 : 2)));
}

function randomAccessList(random: Random) {
  return Array.from({ length: random.below(4) }, () => ({
    address: anyAddress(random),
    storageKeys: Array.from({ length: random.below(3) }, () => word(BigInt(random.below(4)))),
  }));
}

function randomBlock(random: Random, fork: Fork): Record<string, unknown> {
  const maybe = (chance: number, members: Record<string, unknown>) => random.chance(chance) ? members : {};
  return {
    ...maybe(0.5, { feeRecipient: random.pick([COINBASE, NOBODY, CONTRACTS[0], SENDER]) }),
    ...maybe(0.5, { gasLimit: hex(30_000_000n + BigInt(random.below(1_000_000))) }),
    ...maybe(0.5, { number: hex(BigInt(random.below(1_000))) }),
    ...(isSince(fork, "paris") ? maybe(0.5, { prevRandao: word(bits(random, 256)) }) : {}),
    ...(isSince(fork, "london") ? maybe(0.5, { baseFeePerGas: hex(BigInt(random.below(100))) }) : {}),
    ...(isSince(fork, "cancun") ? maybe(0.5, { blobBaseFee: hex(BigInt(1 + random.below(100))) }) : {}),
  };
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}

function word(value: bigint): Hash {
  return `0x${value.toString(16).padStart(64, "0")}`;
}

function bytes(values: readonly number[]): string {
  return `0x${Uint8Array.from(values).toHex()}`;
}
