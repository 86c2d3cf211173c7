import type { Logger } from "../../src/app/log.ts";

/** A logger that keeps its lines. */
export interface CapturedLog extends Logger {
  readonly lines: { readonly level: string; readonly message: string; readonly fields: Record<string, unknown> }[];
}

export function captureLog(): CapturedLog {
  const lines: CapturedLog["lines"] = [];
  const at = (level: string) => (message: string, fields: Record<string, unknown> = {}) => {
    lines.push({ level, message, fields });
  };
  return { lines, error: at("error"), warn: at("warn"), info: at("info"), debug: at("debug"), trace: at("trace") };
}

/** Runs `use` with a new folder, and removes the folder. */
export async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "sallyport-keystore-" });
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A key of the tests, and its address. */
export const KEY = "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318";
export const KEY_ADDRESS = "0x2c7536e3605d9c16a7a3d7b1898e529396a65c23";
export const PASSWORD = "correct horse — battery";

/** Fresh bytes of {@link KEY}: whoever takes a key may zero it. */
export function keyBytes(): Uint8Array {
  return Uint8Array.fromHex(KEY);
}
