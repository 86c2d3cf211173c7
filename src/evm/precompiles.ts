import "../state/no_env.ts";
import { EVMError, type ExecResult } from "@ethereumjs/evm";
import { heavy } from "../crypto/heavy.ts";
import type { Precompiles, Vm } from "./vm.ts";
import { activeEips, precompileParams } from "./library.ts";

type Precompile = NonNullable<ReturnType<Precompiles["get"]>>;
type Input = Parameters<Precompile>[0];

/** Work below this many units of each kind takes under 5 ms, less than a turn of the loop is worth (measured). */
const MAX_MODEXP_WORK = 2_000_000;
const MAX_BLAKE_ROUNDS = 1_000;
const MAX_HASHED_BYTES = 1 << 16;

const HEADER_BYTES = 96;

function always(): boolean {
  return true;
}

/** Too much for one step on the event loop; times are of the library's JavaScript (measured). */
const IS_HEAVY: { readonly [address: number]: (data: Uint8Array) => boolean } = {
  // 20 to 60 ns for each byte.
  0x02: (data) => data.length > MAX_HASHED_BYTES,
  0x03: (data) => data.length > MAX_HASHED_BYTES,
  // Quadratic in the modulus, linear in the exponent: half a second for 1024 bytes each.
  0x05: isHeavyModexp,
  // 22 to 29 ms for two pairs.
  0x08: always,
  // 3 us a round.
  0x09: (data) => data.length === 213 && new DataView(data.buffer, data.byteOffset).getUint32(0) > MAX_BLAKE_ROUNDS,
  // 3.2 ms, after 300 ms of loading.
  0x0a: always,
  // Multi-scalar multiplications, pairings and maps to a curve: 3 to 60 ms.
  0x0c: always,
  0x0e: always,
  0x0f: always,
  0x10: always,
  0x11: always,
};

function isHeavyModexp(data: Uint8Array): boolean {
  const length = (at: number) => Number(BigInt(`0x${data.subarray(at, at + 32).toHex().padEnd(64, "0")}`));
  const [base, exponent, modulus] = [length(0), length(32), length(64)];
  // What the data does not hold reads as zeros: the exponent is never longer than what is there.
  const given = Math.max(0, Math.min(exponent, data.length - HEADER_BYTES - base));
  const width = Math.max(base, modulus);
  return given * width * width > MAX_MODEXP_WORK || width > MAX_HASHED_BYTES;
}

/** The precompiled contracts of a fork, those that take long handed to the worker, and others given their turn between. */
export function pacedPrecompiles(vm: Vm): Precompiles {
  const paced: Precompiles = new Map();
  for (const [address, run] of vm.precompiles) {
    const isHeavy = IS_HEAVY[parseInt(address.slice(-3), 16)];
    paced.set(address, (input) => {
      if (isHeavy?.(input.data) === true) return runElsewhere(vm, address, input);
      const result = run(input);
      const { pacer } = vm;
      // A flood of cheap ones is slow as well: a recovery takes 0.3 to 2.5 ms.
      if (pacer === undefined || !pacer.isDue || result instanceof Promise) return result;
      return pacer.pause().then(() => result);
    });
  }
  return paced;
}

async function runElsewhere(vm: Vm, address: string, { data, gasLimit }: Input): Promise<ExecResult> {
  const { common } = vm;
  const job = heavy({
    kind: "precompile",
    address,
    // A copy: what is posted must not move under the frame whose memory it is.
    data: data.slice(),
    gasLimit,
    eips: activeEips(common),
    params: precompileParams(common),
  });
  const answer = await (vm.pacer === undefined ? job.result : vm.pacer.during(job));
  return {
    executionGasUsed: answer.gasUsed,
    returnValue: answer.returnValue,
    ...(answer.error === undefined ? {} : { exceptionError: new EVMError(answer.error as EVMError["error"]) }),
  };
}
