import { ValueError } from "../../rpc/schema.ts";
import { type Codec, converted, list } from "./codec.ts";
import { address, hash, uint256, uint64 } from "./scalar.ts";
import { struct } from "./struct.ts";
import type { AccessListItem, Authorization } from "../types.ts";

/** Returns a field that the struct before has required already. */
function present<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new ValueError(`missing required field '${name}'`);
  return value;
}

/** geth's errInvalidYParity (core/types/tx_setcode.go). */
function parity(value: bigint): bigint {
  if (value > 1n) throw new ValueError("'yParity' field must be 0 or 1");
  return value;
}

const tuple = struct({ address, storageKeys: list(hash, "[]common.Hash") }, {
  type: "types.AccessTuple",
  required: ["address", "storageKeys"],
  decodesItself: true,
});

/** EIP-2930's list of addresses and slots. */
export const accessList: Codec<readonly AccessListItem[]> = list(
  converted(tuple, {
    read: (item) => ({
      address: present(item.address, "address"),
      storageKeys: present(item.storageKeys, "storageKeys"),
    }),
    write: (item) => item,
  }),
  "types.AccessList",
);

const signed = struct({ chainId: uint256, address, nonce: uint64, yParity: uint64, r: uint256, s: uint256 }, {
  type: "types.SetCodeAuthorization",
  required: ["chainId", "address", "nonce", "yParity", "r", "s"],
  decodesItself: true,
});

/** EIP-7702's signed authorizations. */
export const authorizationList: Codec<readonly Authorization[]> = list(
  converted(signed, {
    read: (item) => ({
      chainId: present(item.chainId, "chainId"),
      address: present(item.address, "address"),
      nonce: present(item.nonce, "nonce"),
      yParity: parity(present(item.yParity, "yParity")),
      r: present(item.r, "r"),
      s: present(item.s, "s"),
    }),
    write: (item) => item,
  }),
  "[]types.SetCodeAuthorization",
);
