import { flag } from "./flag.ts";
import { boolean, integer, text } from "./kinds.ts";

/** The rows about a chain on disk. */
export const DATADIR_FLAGS = {
  "datadir": flag({
    category: "CHAIN",
    kind: text("DIR", "the path of a folder"),
    default: undefined,
    help:
      "Keep the chain in this folder, and go on with the one that is there; of a fork, keep what its upstreams told. Needs " +
      "--allow-read and --allow-write for the folder. In memory when not given",
  }),
  "datadir.sync": flag({
    category: "CHAIN",
    kind: boolean,
    default: false,
    help:
      "Write each change through to the disk, so that a loss of power loses nothing that was answered; without it, " +
      "that holds for the end of the process alone",
  }),
  "cache": flag({
    category: "CHAIN",
    kind: integer("MB", { min: 8, max: 65_536 }),
    default: 16,
    help:
      "Memory for what was read of the state in --datadir, megabytes; more helps a chain of very many accounts, and one in " +
      "memory has no use for it",
  }),
  "export": flag({
    category: "CHAIN",
    kind: text("FILE", "the path of a file"),
    default: undefined,
    help:
      "Write the chain of --datadir or --import to this file, as geth export does, before serving; needs --allow-write " +
      "for the file",
  }),
};
