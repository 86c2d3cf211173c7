/** The reason why a transaction cannot be part of a block. */
export type TransactionErrorKind =
  | "nonceTooLow"
  | "nonceTooHigh"
  | "nonceMax"
  | "insufficientFunds"
  | "insufficientFundsForTransfer"
  | "intrinsicGas"
  | "floorDataGas"
  | "gasLimitReached"
  | "gasLimitTooHigh"
  | "blobGasLimitReached"
  | "feeCapTooLow"
  | "tipAboveFeeCap"
  | "senderNotEoa"
  | "initCodeTooLarge"
  | "blobFeeCapTooLow"
  | "blobTxCreate"
  | "missingBlobHashes"
  | "tooManyBlobs"
  | "blobHashVersion"
  | "emptyAuthorizationList"
  | "setCodeTxCreate"
  | "typeNotSupported";

/** A transaction that geth's state transition refuses; the message is geth's. The state is as it was. */
export class TransactionError extends Error {
  override readonly name = "TransactionError";
  readonly kind: TransactionErrorKind;

  constructor(kind: TransactionErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }
}
