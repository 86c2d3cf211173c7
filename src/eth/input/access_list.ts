import { array, type Schema, ValueError } from "../../rpc/schema.ts";
import { mapped } from "../../rpc/schema_object.ts";
import { address, hash, uint256, uint64 } from "./scalar.ts";
import { struct } from "./struct.ts";
import type { AccessListItem, Authorization } from "../types.ts";

/** Returns a field that the struct before has required already. */
function present<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new ValueError(`missing required field '${name}'`);
  return value;
}

const tuple = struct({ address, storageKeys: array(hash, { goType: "[]common.Hash" }) }, {
  type: "types.AccessTuple",
  required: ["address", "storageKeys"],
  sealed: true,
});

/** EIP-2930's list of addresses and slots. */
export const accessList: Schema<readonly AccessListItem[]> = array(
  mapped(tuple, (item) => ({
    address: present(item.address, "address"),
    storageKeys: present(item.storageKeys, "storageKeys"),
  })),
  { goType: "types.AccessList" },
);

const signed = struct({ chainId: uint256, address, nonce: uint64, yParity: uint64, r: uint256, s: uint256 }, {
  type: "types.SetCodeAuthorization",
  required: ["chainId", "address", "nonce", "yParity", "r", "s"],
  sealed: true,
});

/** EIP-7702's signed authorizations. */
export const authorizationList: Schema<readonly Authorization[]> = array(
  mapped(signed, (item) => ({
    chainId: present(item.chainId, "chainId"),
    address: present(item.address, "address"),
    nonce: present(item.nonce, "nonce"),
    yParity: present(item.yParity, "yParity"),
    r: present(item.r, "r"),
    s: present(item.s, "s"),
  })),
  { goType: "[]types.SetCodeAuthorization" },
);
