type Json = { [key: string]: unknown };

/**
 * The differences between an answer and the expected one, as `path: what` lines; none when it conforms. As hive
 * compares: results as JSON values; of an error its code, its data and the presence of a message.
 */
export function differences(actual: unknown, expected: unknown, options: { shapeOnly: boolean }): string[] {
  if (!isObject(actual) || !isObject(expected)) return [`the answer is not an object: ${show(actual)}`];
  const compare = options.shapeOnly ? shapeDifferences : valueDifferences;
  const found: string[] = [];
  if (actual.jsonrpc !== expected.jsonrpc) found.push(`jsonrpc: ${show(actual.jsonrpc)}`);
  if (JSON.stringify(actual.id) !== JSON.stringify(expected.id)) found.push(`id: ${show(actual.id)}`);
  if ("error" in expected) {
    if (!isObject(actual.error)) return [...found, `error expected ${show(expected.error)}, got ${show(actual)}`];
    const want = expected.error as Json;
    if (typeof actual.error.message !== "string") found.push("error.message is missing");
    found.push(...valueDifferences(actual.error.code, want.code, "error.code"));
    found.push(...compare(actual.error.data, want.data, "error.data"));
    return found;
  }
  if ("error" in actual) return [...found, `unexpected error ${show(actual.error)}`];
  return [...found, ...compare(actual.result, expected.result, "result")];
}

function valueDifferences(actual: unknown, expected: unknown, path: string): string[] {
  if (Array.isArray(expected) && Array.isArray(actual)) {
    if (actual.length !== expected.length) return [`${path}: ${actual.length} items, expected ${expected.length}`];
    return expected.flatMap((item, i) => valueDifferences(actual[i], item, `${path}[${i}]`));
  }
  if (isObject(expected) && isObject(actual)) {
    return keysOf(actual, expected).flatMap((key) => {
      if (!(key in expected)) return [`${path}.${key}: unexpected ${show(actual[key])}`];
      if (!(key in actual)) return [`${path}.${key}: missing, expected ${show(expected[key])}`];
      return valueDifferences(actual[key], expected[key], `${path}.${key}`);
    });
  }
  return actual === expected ? [] : [`${path}: ${show(actual)}, expected ${show(expected)}`];
}

/** Compares types and field names only; of a list, that it is one and that its items have the expected first item's shape. */
function shapeDifferences(actual: unknown, expected: unknown, path: string): string[] {
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return [`${path}: ${show(actual)}, expected a list`];
    const [first] = expected;
    return first === undefined || isObject(first) && "op" in first
      ? []
      : actual.flatMap((item, i) => shapeDifferences(item, first, `${path}[${i}]`));
  }
  if (isObject(expected)) {
    if (!isObject(actual)) return [`${path}: ${show(actual)}, expected an object`];
    // A map keyed by address or nonce holds whatever the pool holds: only the named fields are a shape.
    return Object.keys(expected).filter((key) => !/^(0x|\d)/.test(key)).flatMap((key) =>
      key in actual ? shapeDifferences(actual[key], expected[key], `${path}.${key}`) : [`${path}.${key}: missing`]
    );
  }
  return typeof actual === typeof expected ? [] : [`${path}: ${show(actual)}, expected a ${typeof expected}`];
}

function keysOf(a: Json, b: Json): string[] {
  return [...new Set([...Object.keys(b), ...Object.keys(a)])];
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
