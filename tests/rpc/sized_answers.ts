import { RawJson } from "../../src/rpc/raw_json.ts";

/** A result of so many characters. */
export function sized(characters: number): RawJson {
  return new RawJson(`"${"x".repeat(characters - 2)}"`);
}

/** The ids of frames, and the codes of those that are errors. */
export function ids(frames: readonly string[]): string[] {
  return frames.map((frame) => {
    const { id, error } = JSON.parse(frame);
    return error === undefined ? `${id}` : `${id}: ${error.code}`;
  });
}
