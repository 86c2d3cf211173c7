import { flag } from "./flag.ts";
import { duration, list, size, text } from "./kinds.ts";

const MIB = 2 ** 20;
const MAX_CACHE_BYTES = 16 * 1024 * MIB;

/** The rows about real nodes behind the gateway. */
export const UPSTREAM_FLAGS = {
  "upstream": flag({
    category: "UPSTREAM",
    kind: list("URLS"),
    default: [],
    secret: true,
    help:
      "Real nodes to stand in front of, separated by commas: ws, wss, http or https URLs, or the path of a geth.ipc. " +
      "There is no embedded chain then",
  }),
  "upstream.header": flag({
    category: "UPSTREAM",
    kind: list("HEADERS"),
    default: [],
    secret: true,
    help: 'Headers for each node of --upstream, such as "Authorization: Bearer ..."',
  }),
  "upstream.config": flag({
    category: "UPSTREAM",
    kind: text("FILE", "the path of a JSON file"),
    default: undefined,
    help: "File that lists nodes with their priority, headers, methods, rate limit and timeout",
  }),
  "upstream.wait": flag({
    category: "UPSTREAM",
    kind: duration,
    default: 10_000,
    help: "How long a call waits for a node that can answer it, before it is answered -32002",
  }),
  "upstream.cache": flag({
    category: "UPSTREAM",
    kind: size({ min: 0, max: MAX_CACHE_BYTES }),
    default: 128 * MIB,
    help: "Bytes of answers kept that can no longer change",
  }),
} as const;
