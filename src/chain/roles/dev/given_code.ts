/**
 * The longest code that an account is given from outside: what --code-size-limit admits at most. All of it is hashed in one
 * go, 6 ms for a MiB (measured).
 */
export const MAX_GIVEN_CODE_BYTES = 4 * 1024 * 1024;

export function codeTooLong(bytes: number): string {
  return `code too long: ${bytes} bytes, want at most ${MAX_GIVEN_CODE_BYTES}`;
}
