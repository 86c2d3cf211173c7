import { CODE, RpcError } from "../../rpc/error.ts";

/** A refusal that a later block may lift: geth answers the hash and offers the transaction again (txpool/locals). */
export class TemporaryReject extends RpcError {
  constructor(message: string) {
    super(CODE.server, message);
  }
}
