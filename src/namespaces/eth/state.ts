import {
  type Address,
  address,
  blockNumberOrHash,
  type BlockRef,
  clientLimitError,
  type Data,
  decodeStorageKey,
  type Hash,
  hash,
  LATEST,
  list,
  map,
  proofKey,
  text,
  wireData,
  wireHash,
  wireProof,
  wireQuantity,
  wireStorageValues,
} from "../../eth/mod.ts";
import type { StateReader } from "../../node/mod.ts";
import { invalidParams } from "../../rpc/error.ts";
import { type Method, method, optional, required } from "../../rpc/method.ts";

/** geth's maxGetStorageSlots (internal/ethapi/api.go). */
const MAX_STORAGE_SLOTS = 1024;
/** geth's maxGetProofKeys. */
const MAX_PROOF_KEYS = 1024;

const account = required("address", address);
const block = optional("block", blockNumberOrHash, "A number, tag, hash or EIP-1898 object; latest when absent.");

const slotsByAddress = map(address, {
  value: list(hash, "[]common.Hash"),
  goType: "map[common.Address][]common.Hash",
});

type SlotsByAddress = { readonly [address: Address]: readonly Hash[] };

function checkSlotCount(requests: SlotsByAddress): void {
  const total = Object.values(requests).reduce((sum, slots) => sum + slots.length, 0);
  if (total > MAX_STORAGE_SLOTS) throw clientLimitError(`too many slots (max ${MAX_STORAGE_SLOTS})`);
  if (total === 0) throw invalidParams("empty request");
}

async function readSlots(
  state: StateReader,
  { requests, at }: { requests: SlotsByAddress; at: BlockRef },
): Promise<{ readonly [address: Address]: readonly Data[] }> {
  const rows = Object.entries(requests).map(async ([owner, slots]) => {
    const values = await Promise.all(slots.map((slot) => state.storage(owner as Address, slot, at)));
    return [owner, values] as const;
  });
  return Object.fromEntries(await Promise.all(rows)) as { readonly [address: Address]: readonly Data[] };
}

// Every key is checked before the state is touched.
function proofKeys(keys: readonly string[]): readonly string[] {
  if (keys.length > MAX_PROOF_KEYS) {
    throw invalidParams(`too many storage keys requested (max ${MAX_PROOF_KEYS}, got ${keys.length})`);
  }
  return keys.map(proofKey);
}

/** Makes the rows that read accounts at a block (execution-apis, eth/state). */
export function ethStateRows({ state }: { state: StateReader }): { readonly [name: string]: Method } {
  return {
    eth_getBalance: method({
      summary: "Returns the balance of an account, in wei.",
      params: [account, block],
      result: wireQuantity,
      handler: ([owner, at = LATEST]) => state.balance(owner, at),
    }),
    eth_getTransactionCount: method({
      summary: "Returns the nonce of an account; with pending, the transactions of the pool count.",
      params: [account, block],
      result: wireQuantity,
      handler: ([owner, at = LATEST]) => state.nonce(owner, at),
    }),
    eth_getCode: method({
      summary: "Returns the code of an account, 0x when it has none.",
      params: [account, block],
      result: wireData,
      repeatable: true,
      handler: ([owner, at = LATEST]) => state.code(owner, at),
    }),
    eth_getStorageAt: method({
      summary: "Returns the 32 bytes of a storage slot.",
      params: [
        account,
        required("storageSlot", text, "Hex of at most 32 bytes; prefix and leading zeros optional."),
        block,
      ],
      result: wireHash,
      handler: ([owner, slot, at = LATEST]) => state.storage(owner, decodeStorageKey(slot), at),
    }),
    eth_getStorageValues: method({
      summary: "Returns storage slots of several accounts at one block.",
      params: [required("slots", slotsByAddress, "Slots by address, 1024 in all at most."), block],
      result: wireStorageValues,
      repeatable: true,
      handler: ([requests, at = LATEST]) => {
        checkSlotCount(requests);
        return readSlots(state, { requests, at });
      },
    }),
    eth_getProof: method({
      summary: "Returns Merkle proofs of an account and of some of its slots (EIP-1186).",
      params: [account, required("storageKeys", list(text, "[]string")), block],
      result: wireProof,
      repeatable: true,
      handler: ([owner, keys, at = LATEST]) => state.proof(owner, proofKeys(keys), at),
    }),
  };
}
