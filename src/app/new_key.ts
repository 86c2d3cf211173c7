import { newKey } from "../access/key.ts";

/** Returns a new key, and on a second line its entry for the file of --auth.keys. */
export function newKeyText(name: string): string {
  const { key, hash } = newKey();
  return `${key}\n${JSON.stringify({ name, hash })}`;
}
