import type { Address, Withdrawal } from "../eth/types.ts";
import type { CoreState } from "./core_state.ts";
import type { Rules } from "./forks.ts";
import type { BlockEnv } from "./env.ts";

const ETHER = 10n ** 18n;
const WEI_PER_GWEI = 10n ** 9n;

/** An uncle, as far as rewards go. */
export interface UncleMiner {
  readonly coinbase: Address;
  readonly number: bigint;
}

/** EIP-649 and EIP-1234. */
function blockReward(rules: Rules): bigint {
  if (rules.has("constantinople")) return 2n * ETHER;
  return (rules.has("byzantium") ? 3n : 5n) * ETHER;
}

/** Pays for proof of work (geth's accumulateRewards). */
export function payMiners(
  state: CoreState,
  { env, rules, uncles }: { env: BlockEnv; rules: Rules; uncles: readonly UncleMiner[] },
): void {
  const reward = blockReward(rules);
  let total = reward;
  for (const uncle of uncles) {
    const share = (uncle.number + 8n - env.number) * reward / 8n;
    state.setBalance(uncle.coinbase, state.balance(uncle.coinbase) + share);
    total += reward / 32n;
  }
  state.setBalance(env.coinbase, state.balance(env.coinbase) + total);
}

/** EIP-4895: amounts are in gwei. */
export function payWithdrawals(state: CoreState, withdrawals: readonly Withdrawal[]): void {
  for (const { address, amount } of withdrawals) {
    if (amount !== 0n) state.setBalance(address, state.balance(address) + amount * WEI_PER_GWEI);
  }
}
