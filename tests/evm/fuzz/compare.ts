import type { Answer } from "./peers.ts";

/** Where two answers differ first, in words; undefined when they are equal. */
export function difference(geth: Answer, own: Answer): string | undefined {
  if ("error" in geth && (geth.error.code === GETH_TIMED_OUT || / aborted| timeout/.test(geth.error.message))) return;
  if ("error" in geth !== "error" in own) return `geth: ${shown(geth)} here: ${shown(own)}`;
  return firstDifference(geth, own, "");
}

const MAX_SHOWN = 300;
/** geth gave the request up: nothing is known of its outcome. */
const GETH_TIMED_OUT = -32002;

function firstDifference(one: unknown, other: unknown, path: string): string | undefined {
  if (Object.is(one, other)) return undefined;
  const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
  if (!isObject(one) || !isObject(other) || Array.isArray(one) !== Array.isArray(other)) {
    return `${path}: geth ${shown(one)} here ${shown(other)}`;
  }
  for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
    if (path === "" && (key === "id" || key === "jsonrpc")) continue;
    const found = firstDifference(one[key], other[key], `${path}.${key}`);
    if (found !== undefined) return found;
  }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "absent";
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}...` : text;
}
