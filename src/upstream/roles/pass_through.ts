import type { PassThrough, PassThroughSubscription } from "../../node/mod.ts";
import { CODE, RpcError } from "../../rpc/error.ts";
import type { Gateway } from "../gateway.ts";
import { UpstreamFailure } from "../failure.ts";
import type { Router } from "../router.ts";

/**
 * Methods that control a node, sign with its keys, or read its process and its database. The gateway passes them on only to
 * an upstream whose description names them in full: a client of a gateway is not the operator of the nodes behind it.
 */
const NODE_CONTROL = new RegExp(
  "^(admin|engine|miner|clique|les|personal)_" +
    "|^debug_(setHead|chaindb|db|start|stop|write|go|cpu|block|mutex|mem|gc|set|freeOSMemory|vmodule|verbosity|backtraceAt|stacks|sync)" +
    "|^eth_(sign|accounts$|sendTransaction$|sendUnsigned|submitWork|submitHashrate|getWork)",
  "i",
);

/** Answers methods without a row through an upstream that has them. */
export function passThroughTo(gateway: Gateway): PassThrough {
  return async ({ method, params, signal }) => {
    const mustBeNamed = NODE_CONTROL.test(method);
    if (mustBeNamed && !gateway.isNamed(method)) {
      throw new RpcError(CODE.methodNotFound, `the method ${method} controls a node, and is not passed through`);
    }
    const list = params?.decode() ?? [];
    return await gateway.ask(method, Array.isArray(list) ? list : [list], { signal, mustBeNamed });
  };
}

/**
 * Subscribes at the upstream that is asked first. The subscription ends with that upstream, because no other can supply the
 * events that it would miss; its client is told.
 */
export function passThroughSubscriptionTo(router: Router): PassThroughSubscription {
  return async ({ namespace, kind, params, onNotification, onEnd }) => {
    const request = { namespace, params: JSON.stringify([kind, ...params]), onNotification };
    const method = `${namespace}_subscribe`;
    for (const upstream of router.candidates({ method, params: "" })) {
      try {
        return await upstream.subscribe(request, onEnd);
      } catch (error) {
        if (!(error instanceof UpstreamFailure)) throw error;
      }
    }
    throw new RpcError(CODE.timeout, "no upstream that tells of events is connected");
  };
}
