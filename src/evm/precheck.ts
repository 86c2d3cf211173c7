import type { Execution } from "./execution.ts";
import { checksumAddress } from "../primitives/checksum.ts";
import type { Message } from "./message.ts";
import { TransactionError } from "./transaction_error.ts";
import { MAX_UINT256, MAX_UINT64 } from "../primitives/uint.ts";
import { isDelegation } from "../primitives/delegation.ts";
import { GAS_PER_BLOB, MAX_BLOBS_PER_TRANSACTION, MAX_TRANSACTION_GAS } from "../primitives/limits.ts";

const KZG_VERSION = "0x01";

/** Makes the checks of geth's preCheck (core/state_transition.go), in its order; the funds are checked later. */
export function preCheck(execution: Execution, message: Message): void {
  if (!message.skipNonceChecks) checkNonce(execution, message);
  if (!message.skipTransactionChecks) checkSender(execution, message);
  if (execution.has(1559)) checkFees(execution, message);
  if (message.accessList !== undefined && !execution.has(2930)) throw notSupported("access list", message);
  checkBlobs(execution, message);
  checkAuthorizations(execution, message);
  checkInitCode(execution, message);
}

/** A message with a field that comes with a later fork. */
function notSupported(type: string, { from }: Message): TransactionError {
  return new TransactionError(
    "typeNotSupported",
    `transaction type not supported: ${type} tx (sender ${checksumAddress(from)})`,
  );
}

function checkAuthorizations(execution: Execution, message: Message): void {
  const { authorizations, from } = message;
  if (authorizations === undefined) return;
  if (!execution.has(7702)) throw notSupported("setcode", message);
  if (message.to === null) {
    throw new TransactionError(
      "setCodeTxCreate",
      `EIP-7702 transaction cannot be used to create contract (sender ${checksumAddress(from)})`,
    );
  }
  if (authorizations.length === 0) {
    throw new TransactionError(
      "emptyAuthorizationList",
      `EIP-7702 transaction with empty auth list (sender ${checksumAddress(from)})`,
    );
  }
}

function checkInitCode(execution: Execution, { to, data }: Message): void {
  const maxInitCodeBytes = 2 * execution.rules.maxCodeBytes;
  if (to !== null || !execution.has(3860) || data.length <= maxInitCodeBytes) return;
  throw new TransactionError(
    "initCodeTooLarge",
    `max initcode size exceeded: code size ${data.length} limit ${maxInitCodeBytes}`,
  );
}

function checkNonce(execution: Execution, { from, nonce }: Message): void {
  const expected = execution.state.account(from)?.nonce ?? 0n;
  const where = () => `address ${checksumAddress(from)}, tx: ${nonce} state: ${expected}`;
  if (expected < nonce) throw new TransactionError("nonceTooHigh", `nonce too high: ${where()}`);
  if (expected > nonce) throw new TransactionError("nonceTooLow", `nonce too low: ${where()}`);
  if (expected === MAX_UINT64) {
    throw new TransactionError(
      "nonceMax",
      `nonce has max value: address ${checksumAddress(from)}, nonce: ${expected}`,
    );
  }
}

function checkSender(execution: Execution, { from, gasLimit }: Message): void {
  if (execution.has(7825) && gasLimit > MAX_TRANSACTION_GAS) {
    throw new TransactionError(
      "gasLimitTooHigh",
      `transaction gas limit too high (cap: ${MAX_TRANSACTION_GAS}, tx: ${gasLimit})`,
    );
  }
  const code = execution.state.account(from)?.code.bytes;
  if (code !== undefined && code.length !== 0 && !isDelegation(code)) {
    throw new TransactionError(
      "senderNotEoa",
      `sender not an eoa: address ${checksumAddress(from)}, len(code): ${code.length}`,
    );
  }
}

function checkFees(execution: Execution, message: Message): void {
  const { from, gasFeeCap, gasTipCap } = message;
  if (message.noBaseFee && gasFeeCap === 0n && gasTipCap === 0n) return;
  const who = () => `address ${checksumAddress(from)}`;
  if (gasFeeCap < gasTipCap) {
    throw new TransactionError(
      "tipAboveFeeCap",
      `max priority fee per gas higher than max fee per gas: ${who()}, maxPriorityFeePerGas: ${gasTipCap}, maxFeePerGas: ${gasFeeCap}`,
    );
  }
  const baseFee = execution.env.baseFee ?? 0n;
  if (gasFeeCap < baseFee) {
    throw new TransactionError(
      "feeCapTooLow",
      `max fee per gas less than block base fee: ${who()}, maxFeePerGas: ${gasFeeCap}, baseFee: ${baseFee}`,
    );
  }
}

function checkBlobs(execution: Execution, message: Message): void {
  const { blobHashes, blobFeeCap, from } = message;
  if ((blobHashes !== undefined || blobFeeCap !== 0n) && !execution.has(4844)) throw notSupported("blob", message);
  if (blobHashes === undefined) return;
  if (message.to === null) throw new TransactionError("blobTxCreate", "blob transaction of type create");
  if (blobHashes.length === 0) throw new TransactionError("missingBlobHashes", "blob transaction missing blob hashes");
  if (execution.has(7594) && blobHashes.length > MAX_BLOBS_PER_TRANSACTION) {
    throw new TransactionError("tooManyBlobs", "blob transaction has too many blobs");
  }
  blobHashes.forEach((hash, index) => {
    if (!hash.startsWith(KZG_VERSION)) {
      throw new TransactionError("blobHashVersion", `blob ${index} has invalid hash version`);
    }
  });
  if (message.noBaseFee && blobFeeCap === 0n) return;
  const blobBaseFee = execution.env.blobBaseFee ?? 0n;
  if (blobFeeCap < blobBaseFee) {
    throw new TransactionError(
      "blobFeeCapTooLow",
      `max fee per blob gas less than block blob gas fee: address ${
        checksumAddress(from)
      } blobGasFeeCap: ${blobFeeCap}, blobBaseFee: ${blobBaseFee}`,
    );
  }
}

/** Returns the amount that the sender pays up front; throws when its balance is too low (geth's buyGas). */
export function upFrontCost(execution: Execution, message: Message): bigint {
  const { from, gasLimit } = message;
  let cost = gasLimit * message.gasPrice;
  let needed = gasLimit * message.gasFeeCap + message.value;
  if (execution.has(4844) && message.blobHashes !== undefined) {
    const blobGas = BigInt(message.blobHashes.length) * GAS_PER_BLOB;
    needed += blobGas * message.blobFeeCap;
    cost += blobGas * (execution.env.blobBaseFee ?? 0n);
  }
  const text = "insufficient funds for gas * price + value: address";
  if (needed > MAX_UINT256) {
    throw new TransactionError(
      "insufficientFunds",
      `${text} ${checksumAddress(from)} required balance exceeds 256 bits`,
    );
  }
  const balance = execution.state.balance(from);
  if (balance < needed) {
    throw new TransactionError("insufficientFunds", `${text} ${checksumAddress(from)} have ${balance} want ${needed}`);
  }
  return cost;
}
