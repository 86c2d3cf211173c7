import { CODE, RpcError } from "./error.ts";
import { MAX_METHOD_NAME_BYTES } from "./limits.ts";

/** Throws for a name that is too long to be repeated in an error. Only names without a row need the check. */
export function checkNameLength(what: "method" | "subscription", name: string): void {
  // A UTF-16 unit is at most three bytes of UTF-8.
  if (name.length * 3 <= MAX_METHOD_NAME_BYTES) return;
  const bytes = new TextEncoder().encode(name).length;
  if (bytes <= MAX_METHOD_NAME_BYTES) return;
  throw new RpcError(CODE.invalidRequest, `${what} name too long: ${bytes} > ${MAX_METHOD_NAME_BYTES}`);
}
