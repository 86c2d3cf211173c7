import { type Codec, converted, list, map } from "./codec.ts";
import { address, big, data, hash, uint64 } from "./scalar.ts";
import { struct } from "./struct.ts";
import { isObject, ValueError } from "../../rpc/schema.ts";
import type { AccountOverride, BlockOverrides, StateOverrides, Withdrawal } from "../types.ts";
import { ZERO_ADDRESS } from "../../primitives/hex.ts";

const storage = map(hash, { value: hash, goType: "map[common.Hash]common.Hash" });

const accountOverride: Codec<AccountOverride> = struct({
  nonce: uint64,
  code: data,
  balance: big,
  state: storage,
  stateDiff: storage,
  movePrecompileToAddress: address,
}, { type: "override.OverrideAccount" });

const accountOverrides: Codec<StateOverrides> = map(address, {
  value: accountOverride,
  goType: "override.StateOverride",
});

/** Accounts and slots that one call may override: they are applied in one go, 5 us each (measured). */
const MAX_OVERRIDES = 8_192;
/** Characters of all codes that one call may bring: 2 MiB, of which each byte is hashed. */
const MAX_CODE_CHARACTERS = 4 * 1024 * 1024;

/** Changes to accounts for the length of a call, by address. They are counted before any is read. */
export const stateOverrides: Codec<StateOverrides> = {
  ...accountOverrides,
  read(value) {
    const { entries, characters } = sizeOf(value);
    if (entries > MAX_OVERRIDES) {
      throw new ValueError(`too many state overrides: ${entries} accounts and slots, want at most ${MAX_OVERRIDES}`);
    }
    if (characters > MAX_CODE_CHARACTERS) {
      throw new ValueError(`too much code in state overrides: want at most ${MAX_CODE_CHARACTERS} characters`);
    }
    return accountOverrides.read(value);
  },
};

function sizeOf(overrides: unknown): { entries: number; characters: number } {
  const size = { entries: 0, characters: 0 };
  if (!isObject(overrides)) return size;
  for (const account of Object.values(overrides)) {
    size.entries += 1;
    if (!isObject(account)) continue;
    for (const member of Object.values(account)) {
      if (typeof member === "string") size.characters += member.length;
      else if (isObject(member)) size.entries += Object.keys(member).length;
    }
  }
  return size;
}

// gencodec requires none of a withdrawal's fields; Go leaves what is absent zero.
const withdrawal: Codec<Withdrawal> = converted(
  struct({ index: uint64, validatorIndex: uint64, address, amount: uint64 }, {
    type: "types.Withdrawal",
    decodesItself: true,
  }),
  {
    read: (item) => ({
      index: item.index ?? 0n,
      validatorIndex: item.validatorIndex ?? 0n,
      address: item.address ?? ZERO_ADDRESS,
      amount: item.amount ?? 0n,
    }),
    write: (item) => item,
  },
);

/** Validator withdrawals, as payload attributes and block overrides carry them. */
export const withdrawals: Codec<readonly Withdrawal[]> = list(withdrawal, "types.Withdrawals");

/** Changes to the block that a call runs in. geth's struct has no JSON names, so its errors show Go's. */
export const blockOverrides: Codec<BlockOverrides> = struct({
  number: big,
  difficulty: big,
  time: uint64,
  gasLimit: uint64,
  feeRecipient: address,
  prevRandao: hash,
  baseFeePerGas: big,
  blobBaseFee: big,
  beaconRoot: hash,
  withdrawals,
}, {
  type: "override.BlockOverrides",
  goNames: {
    number: "Number",
    difficulty: "Difficulty",
    time: "Time",
    gasLimit: "GasLimit",
    feeRecipient: "FeeRecipient",
    prevRandao: "PrevRandao",
    baseFeePerGas: "BaseFeePerGas",
    blobBaseFee: "BlobBaseFee",
    beaconRoot: "BeaconRoot",
    withdrawals: "Withdrawals",
  },
});
