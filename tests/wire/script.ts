import { assertEquals } from "@std/assert";
import type { Limits } from "../../src/rpc/limits.ts";
import { ToyConnection } from "./toy_connection.ts";

/** Answered after everything that a script caused synchronously; nothing may come before its answer. */
const SENTINEL = '{"jsonrpc":"2.0","id":"the end","method":"test_noArgsRets"}';
const SENTINEL_ANSWER = '{"jsonrpc":"2.0","id":"the end","result":null}';

interface Line {
  readonly number: number;
  readonly direction: "send" | "expect";
  readonly text: string;
}

export interface Script {
  readonly lines: readonly Line[];
  /** From a first line `//! {"batchItems": 4}`. */
  readonly limits: Partial<Limits>;
}

/** Reads `-->` and `<--` lines; anything else is a comment. */
export function parseScript(source: string): Script {
  const rows = source.split("\n");
  const directive = rows[0]?.startsWith("//! ") ? rows[0].slice(4) : "{}";
  const lines = rows.flatMap((row, index): Line[] => {
    const number = index + 1;
    if (row.startsWith("--> ")) return [{ number, direction: "send", text: row.slice(4) }];
    if (row.startsWith("<-- ")) return [{ number, direction: "expect", text: row.slice(4) }];
    return [];
  });
  return { lines, limits: JSON.parse(directive) };
}

/** Plays a script against the toy service; each frame must be expected, in order, to the character. */
export async function playScript(
  name: string,
  source: string,
  options: { compareParseErrors?: boolean } = {},
): Promise<void> {
  const script = parseScript(source);
  const normal = options.compareParseErrors === false ? withoutParseErrorText : (frame: string) => frame;
  const connection = new ToyConnection({ limits: { batchItems: 4, ...script.limits } });
  for (const line of script.lines) {
    const place = `${name}:${line.number}`;
    if (line.direction === "send") {
      assertEquals(connection.take(), [], `${place}: frames that nobody expected`);
      connection.say(line.text);
    } else {
      assertEquals(normal(await connection.next()), normal(line.text), place);
    }
  }
  assertEquals(await connection.ask(SENTINEL), SENTINEL_ANSWER, `${name}: frames that nobody expected at the end`);
  connection.disconnect();
}

/** The text of a parse error is this server's own, so only its code is compared with scripts that others wrote. */
function withoutParseErrorText(frame: string): string {
  const parseError = /^(\{"jsonrpc":"2\.0","id":null,"error":\{"code":-32700),"message":"[^"]*(?:\\.[^"]*)*"\}\}$/;
  return frame.replace(parseError, "$1}}");
}
