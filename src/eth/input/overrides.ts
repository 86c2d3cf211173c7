import { type Codec, converted, list, map } from "./codec.ts";
import { address, big, data, hash, uint64 } from "./scalar.ts";
import { struct } from "./struct.ts";
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

/** Changes to accounts for the length of a call, by address. */
export const stateOverrides: Codec<StateOverrides> = map(address, {
  value: accountOverride,
  goType: "override.StateOverride",
});

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
