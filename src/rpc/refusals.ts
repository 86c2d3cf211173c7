import { CODE, RpcError, serverError } from "./error.ts";

export const SHUTTING_DOWN = serverError("server is shutting down");
export const INVALID_REQUEST = new RpcError(CODE.invalidRequest, "invalid request");
export const EMPTY_BATCH = new RpcError(CODE.invalidRequest, "empty batch");
export const BATCH_TOO_LARGE = new RpcError(CODE.invalidRequest, "batch too large");

/** Stands for the answer to a batch when there is no room for it to wait. */
export const NO_ROOM: unique symbol = Symbol("no room");

/** geth's rpc/errors.go `ErrNotificationsUnsupported`. */
export function noNotifications(): RpcError {
  return new RpcError(CODE.methodNotFound, "notifications not supported");
}
