import { flag } from "./flag.ts";
import { duration, type Kind, list } from "./kinds.ts";

/** A block by number, hash or tag; a negative number counts down from the newest one, as anvil has it. */
const block: Kind<string> = {
  placeholder: "BLOCK",
  expected: "a block's number, its hash, latest, safe, finalized, earliest, or -N for N blocks below the newest",
  parse: (text) =>
    /^(-?\d{1,18}|0x[0-9a-fA-F]{1,15}|0x[0-9a-fA-F]{64}|latest|safe|finalized|earliest)$/.test(text) ? text : undefined,
  format: (value) => value,
};

/** The rows about a local chain on top of a real one. */
export const FORK_FLAGS = {
  "fork.url": flag({
    category: "FORK",
    kind: list("URLS"),
    default: [],
    secret: true,
    letter: "f",
    aliases: ["fork-url", "rpc-url"],
    help:
      "Nodes of a real chain to fork, separated by commas: ws, wss, http or https URLs, or the path of a geth.ipc. The " +
      "local chain goes on from one of its blocks, with its state",
  }),
  "fork.block": flag({
    category: "FORK",
    kind: block,
    default: "latest",
    aliases: ["fork-block-number"],
    help: "Block to fork from: a number, a hash, a tag, or -N for N blocks below the newest",
  }),
  "fork.header": flag({
    category: "FORK",
    kind: list("HEADERS"),
    default: [],
    secret: true,
    aliases: ["fork-header"],
    help: 'Headers for each node of --fork.url, such as "Authorization: Bearer ..."',
  }),
  "fork.timeout": flag({
    category: "FORK",
    kind: duration,
    default: 10_000,
    help: "How long one node may take for one answer; then the next node is asked",
  }),
} as const;
