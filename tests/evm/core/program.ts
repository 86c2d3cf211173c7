import { applyMessage } from "../../../src/evm/transition.ts";
import { bytes, env, machine, messageWith, worldWith } from "../fixture.ts";

/** What a program returns; throws when it fails. */
export async function returned(code: string, data: Uint8Array = new Uint8Array(0)): Promise<Uint8Array> {
  return await machine.run(worldWith(code), env, async (execution) => {
    const message = messageWith({ data, gasLimit: 1_000_000_000n, gasPrice: 0n, gasFeeCap: 0n, gasTipCap: 0n });
    const result = await applyMessage(execution, { ...message, noBaseFee: true, skipTransactionChecks: true });
    if (result.error !== undefined) throw new Error(result.error.message);
    return result.returnData;
  });
}

/** PUSH32 of a word. */
export function push(word: bigint): string {
  return `7f${word.toString(16).padStart(64, "0")}`;
}

export { bytes };
