/**
 * Escapes every character outside printable ASCII as `\uXXXX`, so that text from elsewhere stays on one line and cannot
 * steer the terminal, reverse the reading direction or pass for other text.
 */
export function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
