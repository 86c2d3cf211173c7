import { flag } from "./flag.ts";
import { integer, size } from "./kinds.ts";

const MIB = 2 ** 20;
const MAX_BYTES = 64 * 1024 * MIB;

/** The rows about what clients may make this process keep for them. */
export const MEMORY_FLAGS = {
  "filters.max": flag({
    category: "JSON-RPC",
    kind: integer("COUNT", { min: 1 }),
    default: 2048,
    help: "Polling filters of all connections together",
  }),
  "filters.max-per-connection": flag({
    category: "JSON-RPC",
    kind: integer("COUNT", { min: 1 }),
    default: 256,
    help: "Polling filters of one connection",
  }),
  "filters.memory": flag({
    category: "JSON-RPC",
    kind: size({ min: MIB, max: MAX_BYTES }),
    default: 256 * MIB,
    help: "Bytes of changes that polling filters keep, all together; with more the oldest drop, and the poll says so",
  }),
  "filters.memory-per-connection": flag({
    category: "JSON-RPC",
    kind: size({ min: MIB, max: MAX_BYTES }),
    default: 32 * MIB,
    help: "The same of one connection",
  }),
  "criteria.memory": flag({
    category: "JSON-RPC",
    kind: size({ min: MIB, max: MAX_BYTES }),
    default: 256 * MIB,
    help: "Bytes of addresses, topics and hashes that subscriptions and filters name, all together; 384 for each",
  }),
  "criteria.memory-per-connection": flag({
    category: "JSON-RPC",
    kind: size({ min: MIB, max: MAX_BYTES }),
    default: 32 * MIB,
    help: "The same of one connection",
  }),
} as const;
