import type { Settings } from "./settings.ts";

/** Encodes a setting as JSON; what JSON has not is an object with one member. */
export function encodeSetting(value: Settings[keyof Settings]): string {
  return encode(value);
}

/** Reads what {@link encodeSetting} wrote. */
export function decodeSetting<K extends keyof Settings>(text: string): Settings[K] {
  return decode(text) as Settings[K];
}

export function encodeSettings(settings: Partial<Settings>): string {
  return encode(settings);
}

export function decodeSettings(text: string): Partial<Settings> {
  return decode(text) as Partial<Settings>;
}

function encode(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === "bigint") return { integer: item.toString() };
    return item instanceof Set ? { set: [...item] } : item;
  });
}

function decode(text: string): unknown {
  return JSON.parse(text, (_key, item: unknown) => {
    if (typeof item !== "object" || item === null || Object.keys(item).length !== 1) return item;
    if ("integer" in item && typeof item.integer === "string") return BigInt(item.integer);
    return "set" in item && Array.isArray(item.set) ? new Set(item.set) : item;
  });
}
