const PLAIN_NAME = /^[A-Za-z0-9._-]{1,64}$/;

/** The rule of {@link isPlainName}, for the sentence "expected ...". */
export const PLAIN_NAME_RULE = "1 to 64 letters, digits or . _ -";

/** Returns true for a name that can stand in a log line, a label and a file without quoting. */
export function isPlainName(text: string): boolean {
  return PLAIN_NAME.test(text);
}
