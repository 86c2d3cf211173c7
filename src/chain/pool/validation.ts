import { serverError } from "../../rpc/error.ts";
import type { Address } from "../../eth/types.ts";
import type { Rules } from "../../evm/forks.ts";
import { recoverSender, SignatureError } from "../../primitives/sender.ts";
import { type Transaction, TX_TYPE } from "../../primitives/transaction.ts";
import type { Sidecar } from "../../primitives/transaction_codec.ts";
import { checkSidecar } from "./sidecar.ts";
import { MAX_UINT64 } from "../../primitives/uint.ts";
import { floorDataGas, intrinsicGas } from "../../primitives/intrinsic_gas.ts";
import { MAX_INIT_CODE_BYTES, MAX_TRANSACTION_GAS } from "../../primitives/limits.ts";

/** The limits that a transaction must keep. */
export interface Admission {
  /** The rules of the next block. */
  readonly rules: Rules;
  readonly chainId: bigint;
  /** Of the head, gas. */
  readonly blockGasLimit: bigint;
  /** The least tip, wei. */
  readonly minTip: bigint;
}

/** geth's txMaxSize of legacypool and blobpool, bytes. */
const MAX_TRANSACTION_BYTES = 128 * 1024;
const MAX_BLOB_TRANSACTION_BYTES = 1024 * 1024;
const TYPE_FORKS = [
  [TX_TYPE.setCode, "prague", "Prague"],
  [TX_TYPE.blob, "cancun", "Cancun"],
  [TX_TYPE.dynamicFee, "london", "London"],
  [TX_TYPE.accessList, "berlin", "Berlin"],
] as const;

/** Checks a signed transaction in itself and recovers its sender (geth's txpool.ValidateTransaction, in its order). */
export async function admit(
  signed: {
    readonly transaction: Transaction;
    readonly sidecar: Sidecar | null;
    readonly bytes: number;
    readonly signal: AbortSignal | undefined;
  },
  admission: Admission,
): Promise<Address> {
  const { transaction } = signed;
  checkShape(transaction, signed.bytes, admission);
  let sender: Address;
  try {
    sender = recoverSender(transaction, { chainId: admission.chainId, homestead: admission.rules.has("homestead") });
  } catch (cause) {
    if (!(cause instanceof SignatureError)) throw cause;
    throw serverError(`invalid sender: ${cause.message}`, { cause });
  }
  checkGas(transaction, admission);
  if (transaction.type === TX_TYPE.blob) await checkSidecar(transaction, { ...signed, rules: admission.rules });
  if (transaction.type === TX_TYPE.setCode && transaction.authorizations.length === 0) {
    throw serverError("set code tx must have at least one authorization tuple");
  }
  return sender;
}

/** The checks that need no signature, for impersonated senders. */
export function checkTransaction(transaction: Transaction, bytes: number, admission: Admission): void {
  checkShape(transaction, bytes, admission);
  checkGas(transaction, admission);
}

/** Refuses a transaction that is too long for the pool, before anything of it is hashed. */
export function checkSize({ type }: Transaction, bytes: number, { rules }: Pick<Admission, "rules">): void {
  // A limit on code above EIP-170's would be of no use to transactions that are too short for it.
  const longest = Math.max(MAX_TRANSACTION_BYTES, MAX_TRANSACTION_BYTES - MAX_INIT_CODE_BYTES + 2 * rules.maxCodeBytes);
  const limit = type === TX_TYPE.blob ? MAX_BLOB_TRANSACTION_BYTES : longest;
  if (bytes > limit) throw serverError(`oversized data: transaction size ${bytes}, limit ${limit}`);
}

function checkShape(transaction: Transaction, bytes: number, { rules, blockGasLimit }: Admission): void {
  const { type, gasLimit } = transaction;
  const maxInitCodeBytes = 2 * rules.maxCodeBytes;
  checkSize(transaction, bytes, { rules });
  for (const [needed, fork, name] of TYPE_FORKS) {
    if (type === needed && !rules.has(fork)) {
      throw serverError(`transaction type not supported: type ${type} rejected, pool not yet in ${name}`);
    }
  }
  const size = transaction.data.length;
  if (rules.has("shanghai") && transaction.to === null && size > maxInitCodeBytes) {
    throw serverError(`max initcode size exceeded: code size ${size} limit ${maxInitCodeBytes}`);
  }
  if (rules.has("osaka") && gasLimit > MAX_TRANSACTION_GAS) {
    throw serverError(`transaction gas limit too high (cap: ${MAX_TRANSACTION_GAS}, tx: ${gasLimit})`);
  }
  if (gasLimit > blockGasLimit) throw serverError("exceeds block gas limit");
  if (transaction.gasFeeCap < transaction.gasTipCap) {
    throw serverError("max priority fee per gas higher than max fee per gas");
  }
}

function checkGas(transaction: Transaction, { rules, minTip }: Admission): void {
  if (transaction.nonce === MAX_UINT64) throw serverError("nonce has max value");
  const { gasLimit, gasTipCap } = transaction;
  const intrinsic = intrinsicGas(transaction, {
    homestead: rules.has("homestead"),
    istanbul: rules.has("istanbul"),
    shanghai: rules.has("shanghai"),
  });
  if (gasLimit < intrinsic) {
    throw serverError(`intrinsic gas too low: gas ${gasLimit}, minimum needed ${intrinsic}`);
  }
  if (rules.has("prague")) {
    const floor = floorDataGas(transaction.data);
    if (gasLimit < floor) {
      throw serverError(`insufficient gas for floor data gas cost: gas ${gasLimit}, minimum needed ${floor}`);
    }
  }
  if (gasTipCap < minTip) {
    throw serverError(`transaction gas price below minimum: gas tip cap ${gasTipCap}, minimum needed ${minTip}`);
  }
}
