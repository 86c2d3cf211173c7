import type { PassThrough } from "../../node/mod.ts";
import { CODE, RpcError } from "../../rpc/error.ts";
import type { Door } from "../door.ts";

/**
 * What steers a node, or reads its process and its database: never through this door, whatever `--ws.api` names. A client
 * of a gateway is not the operator of the nodes behind it.
 */
const NODE_CONTROL = new RegExp(
  "^(admin|engine|miner|clique|les|personal)_" +
    "|^debug_(setHead|chaindb|db|start|stop|write|go|cpu|block|mutex|mem|gc|set|freeOSMemory|vmodule|verbosity|backtraceAt|stacks|sync)" +
    "|^eth_(sign|accounts$|sendTransaction$|sendUnsigned|submitWork|submitHashrate|getWork)",
  "i",
);

/** Answers methods without a row by an upstream that has them. */
export function passThroughTo(door: Door): PassThrough {
  return async ({ method, params, signal }) => {
    if (NODE_CONTROL.test(method)) {
      throw new RpcError(CODE.methodNotFound, `the method ${method} controls a node, and is not passed through`);
    }
    const list = params?.decode() ?? [];
    return await door.ask(method, Array.isArray(list) ? list : [list], { signal });
  };
}
