// Limits and sizes that the protocol sets. Limits that differ between forks of one chain, such as the number of blobs of a
// block, are parameters of the fork and stand in chain/consensus.

/** EIP-170: bytes of code that an account may have. */
export const MAX_CODE_BYTES = 24_576;
/** EIP-3860: bytes of init code that a creation may have. */
export const MAX_INIT_CODE_BYTES = 2 * MAX_CODE_BYTES;
/** EIP-7825: gas that one transaction may ask for, from Osaka on. */
export const MAX_TRANSACTION_GAS = 16_777_216n;
/** EIP-4844: bytes of a blob, 4,096 field elements of 32 bytes. */
export const BYTES_PER_BLOB = 131_072;
/** EIP-4844: blob gas of a blob. */
export const GAS_PER_BLOB = 131_072n;
/** EIP-7594: blobs that one transaction may carry. */
export const MAX_BLOBS_PER_TRANSACTION = 6;
/** EIP-7594: cells of an extended blob, each with a proof of its own. */
export const CELLS_PER_BLOB = 128;
