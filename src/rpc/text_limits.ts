/** Bounds on the contents of one JSON text. */
export interface TextLimits {
  /** Levels of arrays and objects. */
  readonly depth: number;
  /** Values: elements of arrays and values of members. */
  readonly values: number;
  /** Members of all objects together. */
  readonly members: number;
  /** UTF-16 units of the names of members, quotes included: V8 keeps each name once, which costs more than a value. */
  readonly names: number;
  /** Backslashes in strings that escape a character. */
  readonly escapes: number;
  /** Integers of more digits than a double keeps. */
  readonly longIntegers: number;
  /** UTF-16 units outside of strings: digits, literals, punctuation and white space. */
  readonly syntax: number;
}

/**
 * The limits of one message. Each by itself keeps the parse of a message below 20 ms on a slow core (measured): V8
 * takes 0.5 us for a member whose name is new, 0.1 us for a value, 15 ns for an escape and 2 ns for a unit of anything
 * else; strings without escapes cost next to nothing, so that one may fill a whole message. The depth is that of Go's
 * encoding/json; V8 takes seconds for a megabyte of open brackets.
 */
export const MESSAGE_LIMITS: TextLimits = {
  depth: 10_000,
  values: 100_000,
  members: 30_000,
  names: 4_000_000,
  escapes: 250_000,
  longIntegers: 10_000,
  syntax: 2_000_000,
};

/** Names each count of a text in an error. */
const COUNTED: { readonly [K in keyof TextLimits]: string } = {
  depth: "levels",
  values: "values",
  members: "members of objects",
  names: "characters in names of members",
  escapes: "escaped characters",
  longIntegers: "integers above 2^53",
  syntax: "characters outside of strings",
};

/** Returns a phrase for a limit of {@link MESSAGE_LIMITS} that a text exceeds: `more than 100000 values`. */
export function excessOf(exceeded: keyof TextLimits): string {
  return `more than ${MESSAGE_LIMITS[exceeded]} ${COUNTED[exceeded]}`;
}

/** The limits of texts whose source is trusted: none. */
export const NO_LIMITS: TextLimits = {
  depth: Infinity,
  values: Infinity,
  members: Infinity,
  names: Infinity,
  escapes: Infinity,
  longIntegers: Infinity,
  syntax: Infinity,
};
