import type { StateTest, StateTestResult } from "./state_test_format.ts";

/** What an engine did with a state test's transaction. */
export type StateTestOutcome =
  | { readonly kind: "executed"; readonly result: StateTestResult }
  /** The transaction cannot be part of a block; `reason` is the kind of the error or the decoder's text. */
  | { readonly kind: "refused"; readonly reason: string };

/** What runs state tests: an EVM with the state transition around it. */
export interface StateTestEngine {
  execute(test: StateTest): Promise<StateTestOutcome>;
}

/** Undefined when the test passed, else what was wrong. */
export type Fault = string | undefined;

/**
 * The reasons for which this program refuses a transaction, by the names of the execution-spec tests. A pattern stands
 * for a text of the transaction decoder, which refuses some transactions before the state transition sees them.
 */
const REASONS: Readonly<Record<string, readonly (string | RegExp)[]>> = {
  GAS_LIMIT_EXCEEDS_MAXIMUM: ["gasLimitTooHigh"],
  INITCODE_SIZE_EXCEEDED: ["initCodeTooLarge"],
  INSUFFICIENT_ACCOUNT_FUNDS: ["insufficientFunds", "insufficientFundsForTransfer"],
  INSUFFICIENT_MAX_FEE_PER_BLOB_GAS: ["blobFeeCapTooLow"],
  INSUFFICIENT_MAX_FEE_PER_GAS: ["feeCapTooLow"],
  INTRINSIC_GAS_BELOW_FLOOR_GAS_COST: ["floorDataGas"],
  INTRINSIC_GAS_TOO_LOW: ["intrinsicGas"],
  PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS: ["tipAboveFeeCap"],
  SENDER_NOT_EOA: ["senderNotEoa"],
  TYPE_1_TX_PRE_FORK: ["typeNotSupported"],
  TYPE_2_TX_PRE_FORK: ["typeNotSupported"],
  TYPE_3_TX_BLOB_COUNT_EXCEEDED: ["tooManyBlobs", "blobGasLimitReached"],
  TYPE_3_TX_INVALID_BLOB_VERSIONED_HASH: ["blobHashVersion"],
  TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED: ["blobGasLimitReached"],
  TYPE_3_TX_PRE_FORK: ["typeNotSupported"],
  TYPE_3_TX_ZERO_BLOBS: ["missingBlobHashes"],
  TYPE_4_EMPTY_AUTHORIZATION_LIST: ["emptyAuthorizationList"],
  TYPE_4_TX_CONTRACT_CREATION: ["setCodeTxCreate", /SetCodeTx\)\.To$/],
  TYPE_4_TX_PRE_FORK: ["typeNotSupported"],
};

/** Runs one test and compares the state root and the hash of the logs, or the exception. */
export async function runStateTest(engine: StateTestEngine, test: StateTest): Promise<Fault> {
  const outcome = await engine.execute(test);
  const { exceptions, expected } = test;
  if (outcome.kind === "refused") {
    if (exceptions === undefined) return `refused with ${outcome.reason}`;
    const isExpected = exceptions.some((name) =>
      REASONS[name]?.some((reason) =>
        reason instanceof RegExp ? reason.test(outcome.reason) : reason === outcome.reason
      )
    );
    return isExpected ? undefined : `refused with ${outcome.reason} instead of ${exceptions.join(" or ")}`;
  }
  if (exceptions !== undefined) return `executed instead of ${exceptions.join(" or ")}`;
  const { stateRoot, logsHash } = outcome.result;
  if (stateRoot !== expected.stateRoot) return `state root ${stateRoot} instead of ${expected.stateRoot}`;
  if (logsHash !== expected.logsHash) return `logs hash ${logsHash} instead of ${expected.logsHash}`;
}
