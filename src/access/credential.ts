import type { Awaitable } from "../rpc/awaitable.ts";
import type { Principal } from "../rpc/principal.ts";
import type { Refusal } from "../transport/mod.ts";
import type { Presented } from "./presented.ts";

/** The request that a token came with. */
export interface Asked {
  readonly request: Request;
  /** The address of the client, with or without a port. */
  readonly address: string;
}

/** One kind of credential. */
export interface Credential {
  /** What a client has to present, for the sentence that asks for it: `a key`. */
  readonly noun: string;
  /**
   * Returns the principal that a token stands for, the refusal of a token of this kind that is not valid, or undefined for a
   * token of another kind.
   */
  check(presented: Presented, asked: Asked): Awaitable<Principal | Refusal | undefined>;
  /** The refusal of a request without a token where this is the only kind. */
  readonly missing?: Refusal | undefined;
  /** Returns true for a principal of this credential that it would no longer admit, or not with the same rights. */
  hasRevoked?(principal: Principal): boolean;
}
