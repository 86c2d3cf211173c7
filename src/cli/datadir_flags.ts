import { flag } from "./flag.ts";
import { boolean, text } from "./kinds.ts";

/** The rows about a chain on disk. */
export const DATADIR_FLAGS = {
  "datadir": flag({
    category: "CHAIN",
    kind: text("DIR", "the path of a folder"),
    default: undefined,
    help:
      "Keep the chain in this folder, and go on with the one that is there; needs --allow-read and --allow-write for the " +
      "folder. In memory when not given",
  }),
  "datadir.sync": flag({
    category: "CHAIN",
    kind: boolean,
    default: false,
    help:
      "Write each change through to the disk, so that a loss of power loses nothing that was answered; without it, " +
      "that holds for the end of the process alone",
  }),
};
