import "../state/no_env.ts";
import { EVMError } from "@ethereumjs/evm";

/** An exceptional halt whose text is geth's (core/vm/errors.go), which the library's own errors lack. */
export class Halt extends EVMError {
  readonly text: string;

  constructor(error: EVMError["error"], text: string) {
    super(error);
    this.text = text;
  }
}

const MESSAGES = EVMError.errorMessages;

const TEXTS: ReadonlyMap<string, string> = new Map<string, string>([
  [MESSAGES.REVERT, "execution reverted"],
  [MESSAGES.OUT_OF_GAS, "out of gas"],
  [MESSAGES.CODESTORE_OUT_OF_GAS, "contract creation code storage out of gas"],
  [MESSAGES.CODESIZE_EXCEEDS_MAXIMUM, "max code size exceeded"],
  [MESSAGES.STATIC_STATE_CHANGE, "write protection"],
  [MESSAGES.CREATE_COLLISION, "contract address collision"],
  [MESSAGES.INVALID_BYTECODE_RESULT, "invalid code: must not begin with 0xef"],
  [MESSAGES.INITCODE_SIZE_VIOLATION, "max initcode size exceeded"],
  [MESSAGES.INSUFFICIENT_BALANCE, "insufficient balance for transfer"],
  [MESSAGES.STACK_UNDERFLOW, "stack underflow"],
  [MESSAGES.STACK_OVERFLOW, "stack limit reached"],
]);

/** geth's words for why an execution ended. */
export function haltText(error: { readonly error: string }): string {
  if (error instanceof Halt) return error.text;
  if (error.error.startsWith(MESSAGES.INVALID_JUMP)) return "invalid jump destination";
  return TEXTS.get(error.error) ?? error.error;
}
