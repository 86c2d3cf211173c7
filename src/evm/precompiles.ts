import "../state/no_env.ts";
import { EVMError, type ExecResult } from "@ethereumjs/evm";
import type { Outcome } from "../crypto/operations.ts";
import type { Fork } from "./forks.ts";
import { Halt } from "./halt.ts";
import { precompilesOf } from "./precompiles/table.ts";
import type { Precompiles, Vm } from "./vm.ts";

/** The precompiled contracts of a fork as the library calls them, with the loop given its turn between them. */
export function pacedPrecompiles(vm: Vm): Precompiles {
  const paced: Precompiles = new Map();
  for (const [address, precompile] of precompilesOf(vm.common.hardfork() as Fork)) {
    paced.set(address.slice(2), ({ data, gasLimit }) => {
      const gas = precompile.gas(data);
      if (gas > Number(gasLimit)) return failed(gasLimit, new EVMError(EVMError.errorMessages.OUT_OF_GAS));
      const used = BigInt(gas);
      const outcome = precompile.run(data);
      if (typeof outcome === "function") {
        const { pacer } = vm;
        const result = pacer === undefined ? outcome() : pacer.during(outcome);
        return result.then((value) => execResult(value, { used, gasLimit }));
      }
      const result = execResult(outcome, { used, gasLimit });
      const { pacer } = vm;
      // A flood of cheap ones is slow as well: a recovery takes 0.3 to 2.5 ms.
      if (pacer === undefined || !pacer.isDue) return result;
      return pacer.pause().then(() => result);
    });
  }
  return paced;
}

function execResult(outcome: Outcome, { used, gasLimit }: { used: bigint; gasLimit: bigint }): ExecResult {
  if (typeof outcome === "string") return failed(gasLimit, new Halt(EVMError.errorMessages.INVALID_INPUTS, outcome));
  return { executionGasUsed: used, returnValue: outcome };
}

function failed(gasLimit: bigint, exceptionError: EVMError): ExecResult {
  return { executionGasUsed: gasLimit, returnValue: new Uint8Array(0), exceptionError };
}
