/**
 * Text that several layers write or read in the same way and that has nothing to do with Ethereum: durations as Go spells
 * them, addresses of sockets, and characters that must not reach a terminal as they are.
 *
 * Pure functions from text to text. It may import nothing. You are in the wrong place when what you write knows what the
 * text is for: a flag belongs to cli/, a log line to app/, a message on the wire to the layer that sends it.
 */
export * from "./go_duration.ts";
export * from "./host_port.ts";
export * from "./plain_name.ts";
export * from "./printable.ts";
