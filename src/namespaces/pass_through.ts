import type { Node } from "../node/mod.ts";
import type { Fallback } from "../rpc/registry.ts";

/** Returns what answers methods without a row: the node, where it answers by the name of the method. */
export function passThroughOf({ passThrough }: Pick<Node, "passThrough">): Fallback | undefined {
  if (passThrough === undefined) return undefined;
  return ({ method, params, context }) => passThrough({ method, params, signal: context.signal });
}
