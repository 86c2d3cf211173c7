// Functions that cut a JSON text into texts: answers of upstreams are passed on unchanged, so that no number is rounded
// and nothing is encoded twice.

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN = [0x5b, 0x7b];
const CLOSE = [0x5d, 0x7d];

/** A text that is not the JSON that was expected. */
export class MalformedJson extends Error {
  override readonly name = "MalformedJson";
}

/** Returns the members of an object by name, each value as its text. Checks only the outermost structure. */
export function membersOf(text: string): Map<string, string> {
  const members = new Map<string, string>();
  for (const part of partsOf(text, "{", "}")) {
    const end = endOfString(part, 0);
    const colon = part.indexOf(":", end);
    if (part.charCodeAt(0) !== QUOTE || colon === -1 || part.slice(end, colon).trim() !== "") {
      throw new MalformedJson("a member of the object has no name");
    }
    members.set(JSON.parse(part.slice(0, end)), part.slice(colon + 1).trim());
  }
  return members;
}

/** Returns the items of an array, each as its text. Checks only the outermost structure. */
export function itemsOf(text: string): string[] {
  return partsOf(text, "[", "]");
}

/** Returns the text between the outermost brackets, cut at the outermost commas. */
function partsOf(source: string, open: string, close: string): string[] {
  const text = source.trim();
  if (!text.startsWith(open) || !text.endsWith(close)) throw new MalformedJson(`expected ${open}...${close}`);
  const parts: string[] = [];
  const last = text.length - 1;
  let depth = 0;
  let start = 1;
  let at = 1;
  while (at < last) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
      continue;
    }
    if (code === COMMA && depth === 0) {
      parts.push(text.slice(start, at).trim());
      start = at + 1;
    } else if (OPEN.includes(code)) depth += 1;
    else if (CLOSE.includes(code)) depth -= 1;
    if (depth < 0) throw new MalformedJson("a bracket closes what was not opened");
    at += 1;
  }
  if (depth !== 0 || at !== last) throw new MalformedJson("the text ends early");
  const rest = text.slice(start, last).trim();
  if (rest !== "" || parts.length > 0) parts.push(rest);
  if (parts.includes("")) throw new MalformedJson("a value is missing");
  return parts;
}

/** Returns the position after the closing quote of the string that starts at `start`. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1) {
    let slash = end - 1;
    while (text.charCodeAt(slash) === BACKSLASH) slash -= 1;
    if ((end - slash) % 2 === 1) return end + 1;
    end = text.indexOf('"', end + 1);
  }
  throw new MalformedJson("a string does not end");
}
