import { serverError } from "../rpc/error.ts";

const WEI_PER_ETHER = 10n ** 18n;

/** Enforces --rpc.txfeecap (geth's internal/ethapi, checkTxFee); both in wei, a cap of 0 is none. */
export function checkFeeCap(fee: bigint, cap: bigint): void {
  if (cap === 0n || fee <= cap) return;
  throw serverError(`tx fee (${ether(fee)} ether) exceeds the configured cap (${ether(cap)} ether)`);
}

/** Writes a number as Go's %.2f does: two digits, ties to even. */
function ether(wei: bigint): string {
  const hundredth = WEI_PER_ETHER / 100n;
  const twice = 2n * (wei % hundredth);
  let count = wei / hundredth;
  if (twice > hundredth || (twice === hundredth && count % 2n === 1n)) count++;
  return `${count / 100n}.${String(count % 100n).padStart(2, "0")}`;
}
