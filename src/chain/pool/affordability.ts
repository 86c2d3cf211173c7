import type { Transaction } from "../../primitives/transaction.ts";
import { LOWEST_BASE_FEE } from "../consensus/header_rules.ts";

/** The fees of a block, wei per gas; null before the fork that brought the fee. */
export interface BlockFees {
  readonly baseFee: bigint | null;
  readonly blobBaseFee: bigint | null;
}

type FeeCaps = Pick<Transaction, "gasFeeCap" | "blobFeeCap" | "blobHashes">;

/** True when a transaction cannot pay `fees`, but will be able to once empty blocks have lowered them. */
export function waitsForLowerFees({ gasFeeCap, blobFeeCap, blobHashes }: FeeCaps, fees: BlockFees): boolean {
  const isBelow = fees.baseFee !== null && gasFeeCap < fees.baseFee;
  const isBlobBelow = blobHashes.length > 0 && fees.blobBaseFee !== null && blobFeeCap < fees.blobBaseFee;
  return (isBelow || isBlobBelow) && !isNeverMinable({ gasFeeCap }, fees);
}

/** True when no number of empty blocks makes the base fee low enough for a transaction. */
export function isNeverMinable({ gasFeeCap }: Pick<Transaction, "gasFeeCap">, { baseFee }: BlockFees): boolean {
  return baseFee !== null && gasFeeCap < baseFee && gasFeeCap < LOWEST_BASE_FEE;
}
