import type { AccountOverride, Address, BlockOverrides, StateOverrides } from "../eth/types.ts";
import { checksumAddress } from "../primitives/checksum.ts";
import type { BlockEnv } from "./env.ts";
import type { Execution } from "./execution.ts";
import { hexToBytes } from "../primitives/hex.ts";

/** Overrides that contradict each other; the message is geth's (internal/ethapi/override). */
export class OverrideError extends Error {
  override readonly name = "OverrideError";
  readonly kind: "notPrecompile" | "selfReference" | "alreadyOverridden" | "stateAndDiff" | "unsupported";

  constructor(kind: OverrideError["kind"], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** A block's values with some of them replaced. */
export function withEnv(env: BlockEnv, changes: Partial<BlockEnv>): BlockEnv {
  return {
    rules: env.rules,
    number: env.number,
    timestamp: env.timestamp,
    coinbase: env.coinbase,
    gasLimit: env.gasLimit,
    difficulty: env.difficulty,
    prevRandao: env.prevRandao,
    parentHash: env.parentHash,
    baseFee: env.baseFee,
    blobBaseFee: env.blobBaseFee,
    parentBeaconRoot: env.parentBeaconRoot,
    blockHash: (number) => env.blockHash(number),
    ...changes,
  };
}

/** The block of a call with the caller's changes (geth's BlockOverrides.Apply). */
export function applyBlockOverrides(env: BlockEnv, overrides: BlockOverrides | undefined): BlockEnv {
  if (overrides === undefined) return env;
  for (const field of ["beaconRoot", "withdrawals"] as const) {
    if (overrides[field] !== undefined) {
      throw new OverrideError("unsupported", `block override "${field}" is not supported for this RPC method`);
    }
  }
  return withEnv(env, {
    number: overrides.number ?? env.number,
    timestamp: overrides.time ?? env.timestamp,
    difficulty: overrides.difficulty ?? env.difficulty,
    gasLimit: overrides.gasLimit ?? env.gasLimit,
    coinbase: overrides.feeRecipient ?? env.coinbase,
    prevRandao: overrides.prevRandao ?? env.prevRandao,
    baseFee: overrides.baseFeePerGas ?? env.baseFee,
    blobBaseFee: overrides.blobBaseFee ?? env.blobBaseFee,
  });
}

/**
 * Changes accounts and precompiled contracts for the length of a run (geth's StateOverride.Apply). It gives way between
 * accounts and slots: a request may name tens of thousands.
 */
export async function applyStateOverrides(execution: Execution, overrides: StateOverrides | undefined): Promise<void> {
  if (overrides === undefined) return;
  const { state, pacer } = execution;
  const precompiles = new Map(execution.precompiles);
  const moved = new Set<Address>();
  // In the order of the addresses, as geth, so that the first complaint does not depend on the caller's order.
  for (const address of (Object.keys(overrides) as Address[]).sort()) {
    const override: AccountOverride | undefined = overrides[address];
    if (override === undefined) continue;
    if (pacer.isDue) await pacer.pause();
    if (moved.has(address)) {
      throw new OverrideError(
        "alreadyOverridden",
        `account ${checksumAddress(address)} has already been overridden by a precompile`,
      );
    }
    const precompile = precompiles.get(address);
    const target = override.movePrecompileToAddress;
    if (target !== undefined) {
      if (precompile === undefined) {
        throw new OverrideError("notPrecompile", `account ${checksumAddress(address)} is not a precompile`);
      }
      if (target === address) {
        throw new OverrideError("selfReference", `account ${checksumAddress(target)} is already overridden`);
      }
      if (overrides[target] !== undefined) {
        throw new OverrideError("alreadyOverridden", `account ${checksumAddress(target)} is already overridden`);
      }
      precompiles.set(target, precompile);
      moved.add(target);
    }
    if (precompile !== undefined) precompiles.delete(address);
    if (override.nonce !== undefined) state.setNonce(address, override.nonce);
    if (override.code !== undefined) state.setCode(address, hexToBytes(override.code));
    if (override.balance !== undefined) state.setBalance(address, override.balance);
    if (override.state !== undefined && override.stateDiff !== undefined) {
      throw new OverrideError("stateAndDiff", `account ${checksumAddress(address)} has both 'state' and 'stateDiff'`);
    }
    const slots = Object.entries(override.state ?? override.stateDiff ?? {});
    // Storage needs an account to be in, also an empty one (geth's SetStorage and SetState create it).
    if (override.state !== undefined || slots.length !== 0) {
      state.ensure(address);
    }
    if (override.state !== undefined) state.dropStorage(address);
    for (const [slot, value] of slots) {
      if (pacer.isDue) await pacer.pause();
      state.setSlot(address, BigInt(slot), BigInt(value));
    }
  }
  execution.usePrecompiles(precompiles);
}
