import { diskFault } from "../chain/mod.ts";
import { type Layer, serverError } from "../rpc/mod.ts";
import type { Logger } from "./log.ts";

/** Between two lines about a disk that cannot be read, milliseconds. */
const MIN_PAUSE_MS = 10_000;

/** A layer that tells a client when its call failed because the chain on disk cannot be read; the log names the file. */
export function diskLayer(path: string, log: Logger): Layer {
  let quietUntil = -Infinity;
  function told(error: unknown): unknown {
    const reason = diskFault(error);
    if (reason === undefined) return error;
    if (performance.now() >= quietUntil) {
      log.error("The chain on disk cannot be read", { file: path, reason });
      quietUntil = performance.now() + MIN_PAUSE_MS;
    }
    return serverError(`the chain on disk cannot be read: ${reason}`, { cause: error });
  }
  return (next) => (call, context) => {
    try {
      const result = next(call, context);
      return result instanceof Promise ? result.catch((error) => Promise.reject(told(error))) : result;
    } catch (error) {
      throw told(error);
    }
  };
}
