import { RawJson } from "../rpc/raw_json.ts";
import type { LogEvent } from "./types.ts";

const KEPT = '"removed":false';
const REMOVED = '"removed":true';

/**
 * Returns the JSON of a log whose block has been abandoned: the same text with `removed` set. The strings of a log are
 * hexadecimal, so the member's text occurs once at most.
 */
export function removedLog({ json: { text } }: LogEvent): RawJson {
  const at = text.lastIndexOf(KEPT);
  if (at === -1) throw new Error(`a log has no ${KEPT}: ${text.slice(0, 200)}`);
  return new RawJson(text.slice(0, at) + REMOVED + text.slice(at + KEPT.length));
}
