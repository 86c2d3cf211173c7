import type { Read } from "../../rpc/schema.ts";
import { quantity } from "../../primitives/hex.ts";
import { type Codec, converted, list } from "./codec.ts";
import { type RpcError, serverError } from "../../rpc/error.ts";
import { accessList, authorizationList } from "./access_list.ts";
import { address, big, data, fixedData, hash, QUANTITY_JSON, uint64 } from "./scalar.ts";
import { struct } from "./struct.ts";
import type { TransactionRequest } from "../types.ts";
import { readNumber } from "./hexutil.ts";
import { BYTES_PER_BLOB } from "../../primitives/limits.ts";

const COMMITMENT_BYTES = 48;
const MAX_TYPE = 0x7fn;

/**
 * The type that a client names. geth derives it from the other fields and ignores this one, so a value that names no
 * type (EIP-2718 ends at 0x7f) is no error; anvil and hardhat honour it, and so does the chain.
 */
const transactionType: Codec<number | undefined> = {
  json: QUANTITY_JSON,
  write: (type) => type === undefined ? undefined : quantity(type),
  read(value) {
    if (typeof value !== "string") return undefined;
    try {
      const number = readNumber(value, 64);
      return number > MAX_TYPE ? undefined : Number(number);
    } catch {
      return undefined;
    }
  },
};

const transactionArgs = struct({
  type: transactionType,
  from: address,
  to: address,
  gas: uint64,
  gasPrice: big,
  maxFeePerGas: big,
  maxPriorityFeePerGas: big,
  value: big,
  nonce: uint64,
  data,
  input: data,
  accessList,
  chainId: big,
  maxFeePerBlobGas: big,
  blobVersionedHashes: list(hash, "[]common.Hash"),
  blobs: list(fixedData("kzg4844.Blob", BYTES_PER_BLOB), "[]kzg4844.Blob"),
  commitments: list(fixedData("kzg4844.Commitment", COMMITMENT_BYTES), "[]kzg4844.Commitment"),
  proofs: list(fixedData("kzg4844.Proof", COMMITMENT_BYTES), "[]kzg4844.Proof"),
  authorizationList,
}, { type: "ethapi.TransactionArgs" });

function preferInput({ data, ...args }: Read<typeof transactionArgs>): TransactionRequest {
  return withoutUndefined(args.input === undefined && data !== undefined ? { ...args, input: data } : args);
}

// An ignored `type` is read as undefined; the request then must not carry the key (exactOptionalPropertyTypes).
function withoutUndefined(args: Read<typeof transactionArgs>): TransactionRequest {
  const { type, ...rest } = args;
  return type === undefined ? rest : { ...rest, type };
}

function toArgs({ to, ...request }: TransactionRequest): Read<typeof transactionArgs> {
  return to === undefined || to === null ? request : { ...request, to };
}

/** A message to run: of `input` and `data` the former counts, as in geth's eth_call. */
export const callRequest: Codec<TransactionRequest> = converted(transactionArgs, { read: preferInput, write: toArgs });

/** A transaction to make: contradicting `input` and `data` fail with geth's -32000 (transaction_args.go, setDefaults). */
export const transactionRequest: Codec<TransactionRequest> = converted(transactionArgs, {
  read(args) {
    if (args.data !== undefined && args.input !== undefined && args.data !== args.input) throw conflict();
    return preferInput(args);
  },
  write: toArgs,
});

function conflict(): RpcError {
  return serverError(
    'both "data" and "input" are set and not equal. Please use "input" to pass transaction call data',
  );
}
