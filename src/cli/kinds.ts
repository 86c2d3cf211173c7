import { formatGoDuration, parseGoDuration } from "../text/go_duration.ts";

/** A kind of flag value: how its text is read, shown, and asked for. */
export interface Kind<T> {
  /** The placeholder of the value in the help text; empty when the flag is normally given without a value. */
  readonly placeholder: string;
  /** Completes the sentence "expected ...". */
  readonly expected: string;
  /** The value of a flag without one. Such a flag takes a value only behind `=`, as in Go's flag package. */
  readonly bare?: string;
  /** Returns undefined when the text is not such a value. */
  parse(text: string): T | undefined;
  /** The text that parses to `value`. */
  format(value: T): string;
}

const GO_BOOLEANS: Readonly<Record<string, boolean>> = {
  "1": true,
  t: true,
  T: true,
  true: true,
  TRUE: true,
  True: true,
  "0": false,
  f: false,
  F: false,
  false: false,
  FALSE: false,
  False: false,
};

/** A switch: `--ws`, `--ws=false`; the words are those of Go's strconv.ParseBool. */
export const boolean: Kind<boolean> = {
  placeholder: "",
  expected: "true or false",
  bare: "true",
  parse: (text) => Object.hasOwn(GO_BOOLEANS, text) ? GO_BOOLEANS[text] : undefined,
  format: String,
};

/** Any text with at least one character. */
export function text(placeholder: string, expected: string): Kind<string> {
  return {
    placeholder,
    expected,
    parse: (text) => text === "" ? undefined : text,
    format: (value) => value,
  };
}

/** A whole decimal number from `min` to `max`. */
export function integer(placeholder: string, { min = 0, max = Number.MAX_SAFE_INTEGER } = {}): Kind<number> {
  return {
    placeholder,
    expected: max === Number.MAX_SAFE_INTEGER
      ? `a whole number of at least ${min}`
      : `a whole number from ${min} to ${max}`,
    parse(text) {
      if (!/^\d+$/.test(text)) return undefined;
      const value = Number(text);
      return value >= min && value <= max ? value : undefined;
    },
    format: String,
  };
}

/** One of the words. */
export function choice<const W extends string>(words: readonly W[]): Kind<W> {
  return {
    placeholder: words.join("|"),
    expected: `one of ${words.join(", ")}`,
    parse: (text) => words.find((word) => word === text),
    format: (value) => value,
  };
}

/** Comma-separated words; spaces around them and empty ones are dropped, as geth's SplitAndTrim does. */
export function list(placeholder: string): Kind<readonly string[]> {
  return {
    placeholder,
    expected: "a comma-separated list",
    parse: (text) => text.split(",").map((word) => word.trim()).filter((word) => word !== ""),
    format: (value) => value.join(","),
  };
}

/** A duration as Go writes it (`5s`, `1m30s`, `500ms`), in milliseconds. */
export const duration: Kind<number> = {
  placeholder: "DURATION",
  expected: "a duration such as 5s, 1m30s or 500ms",
  parse(text) {
    const milliseconds = /^\d/.test(text) ? Math.round(parseGoDuration(text) ?? NaN) : NaN;
    return Number.isSafeInteger(milliseconds) ? milliseconds : undefined;
  },
  format: formatGoDuration,
};

const BYTES_PER_UNIT = { GiB: 2 ** 30, MiB: 2 ** 20, KiB: 2 ** 10 };

/** A number of bytes: plain, or with KiB, MiB or GiB behind it. */
export function size(limits: { min: number; max: number }): Kind<number> {
  function format(value: number): string {
    for (const [unit, bytes] of Object.entries(BYTES_PER_UNIT)) {
      if (value !== 0 && value % bytes === 0) return `${value / bytes}${unit}`;
    }
    return String(value);
  }
  return {
    placeholder: "BYTES",
    expected: `a size from ${format(limits.min)} to ${format(limits.max)}, such as 1048576 or 32MiB`,
    parse(text) {
      const [, amount, unit] = /^(\d+)(GiB|MiB|KiB)?$/.exec(text) ?? [];
      if (amount === undefined) return undefined;
      const value = Number(amount) * (unit === undefined ? 1 : BYTES_PER_UNIT[unit as keyof typeof BYTES_PER_UNIT]);
      return value >= limits.min && value <= limits.max ? value : undefined;
    },
    format,
  };
}

const WEI_DECIMALS = 18;

/** An amount of ether with up to 18 decimals, in wei. */
export const ether: Kind<bigint> = {
  placeholder: "ETHER",
  expected: "an amount of ether such as 1 or 0.5",
  parse(text) {
    const [, whole, fraction = ""] = /^(\d+)(?:\.(\d{1,18}))?$/.exec(text) ?? [];
    return whole === undefined ? undefined : BigInt(whole + fraction.padEnd(WEI_DECIMALS, "0"));
  },
  format(value) {
    const digits = value.toString().padStart(WEI_DECIMALS + 1, "0");
    const fraction = digits.slice(-WEI_DECIMALS).replace(/0+$/, "");
    return digits.slice(0, -WEI_DECIMALS) + (fraction === "" ? "" : `.${fraction}`);
  },
};

/** A path under which the endpoint answers; the texts are those of geth's validatePrefix. */
export const pathPrefix: Kind<string> = {
  placeholder: "PATH",
  expected: 'a path with a leading "/" and no URL meta-characters',
  parse: (text) => text === "" || (text.startsWith("/") && !/[?#\s]/.test(text)) ? text : undefined,
  format: (value) => value,
};

/** The values of `--allow-insecure-unlock`. */
export type InsecureUnlock = "off" | "on" | "public";

/** `--allow-insecure-unlock`, bare as in geth, or `=public` for the combination that must be said in full. */
export const insecureUnlock: Kind<InsecureUnlock> = {
  placeholder: "",
  expected: "no value, true, false or public",
  bare: "true",
  parse(text) {
    if (text === "public") return "public";
    const on = boolean.parse(text);
    return on === undefined ? undefined : on ? "on" : "off";
  },
  format: (value) => ({ off: "false", on: "true", public: "public" })[value],
};
