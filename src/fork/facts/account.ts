import type { BaseAccount } from "../../state/base.ts";

/** An account as a base has it; null for one that has nothing, and so is none (EIP-161). */
export function accountOf({ nonce, balance, code }: Omit<BaseAccount, "hasStorage">): BaseAccount | null {
  const hasCode = code.bytes.length > 0;
  if (balance === 0n && nonce === 0n && !hasCode) return null;
  // Only what was created has slots; one that has been called by a delegation has a nonce.
  return { nonce, balance, code, hasStorage: hasCode || nonce !== 0n };
}
