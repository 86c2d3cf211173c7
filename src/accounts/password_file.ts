import { StartRefused } from "./errors.ts";

/** Reads --password FILE, one password a line. Throws {@link StartRefused} with geth's text. */
export async function readPasswords(path: string): Promise<string[]> {
  try {
    return (await Deno.readTextFile(path)).split("\n").map((line) => line.replace(/\r+$/, ""));
  } catch (error) {
    throw new StartRefused(`Failed to read password file: ${path}: ${error instanceof Error ? error.message : error}`);
  }
}
