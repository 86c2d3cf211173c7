/** The JSON-RPC error codes that this server answers with, and the source of each. */
export const CODE = {
  /** JSON-RPC 2.0 section 5.1 */
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  /** EIP-1474 */
  server: -32000,
  resourceNotFound: -32001,
  limitExceeded: -32005,
  /** geth's rpc/errors.go */
  timeout: -32002,
  responseTooLarge: -32003,
} as const;

export interface RpcErrorOptions {
  /** Sent to the client as `error.data`; left out when undefined. */
  data?: unknown;
  /** Written to the log only. */
  cause?: unknown;
}

/** The only error that reaches a client as it is; anything else that a handler throws becomes -32603. */
export class RpcError extends Error {
  /** Distinguishes it from other errors where the class is not imported. */
  override readonly name = "RpcError";
  /** One of {@link CODE}, or a number of the method's own. */
  readonly code: number;
  /** Any JSON value; undefined where the error has none. */
  readonly data: unknown;

  /** Makes an error with a code of JSON-RPC or of its application, and the message that the client gets. */
  constructor(code: number, message: string, options: RpcErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.data = options.data;
  }
}

/** Makes the error of a limit that is this server's own: -32005 with the limit and the value that exceeds it. */
export function limitError(message: string, limit: number, value: number): RpcError {
  return new RpcError(CODE.limitExceeded, message, { data: { limit, value } });
}

export function invalidParams(message: string, options: RpcErrorOptions = {}): RpcError {
  return new RpcError(CODE.invalidParams, message, options);
}

/** Makes an error with code -32000 and the text, as geth's plain `errors.New(...)` reaches a client. */
export function serverError(message: string, options: RpcErrorOptions = {}): RpcError {
  return new RpcError(CODE.server, message, options);
}
