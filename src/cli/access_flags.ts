import { flag } from "./flag.ts";
import { type Kind, text } from "./kinds.ts";
import { isPlainName, PLAIN_NAME_RULE } from "../text/plain_name.ts";

const plainName: Kind<string> = {
  placeholder: "NAME",
  expected: `a name of ${PLAIN_NAME_RULE}`,
  parse: (text) => isPlainName(text) ? text : undefined,
  format: (value) => value,
};

/** The rows about who may come in. */
export const ACCESS_FLAGS = {
  "auth.keys": flag({
    category: "ACCESS",
    kind: text("FILE", "the path of a file of keys"),
    default: undefined,
    help: "Let only holders of a key in, from a JSON file of their hashes, rights and limits; " +
      "needs --allow-read for the file",
  }),
  "auth.newkey": flag({
    category: "ACCESS",
    kind: plainName,
    default: undefined,
    help: "Make a key, print it once with its entry for --auth.keys, and end",
  }),
} as const;
