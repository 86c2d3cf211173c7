import { flag } from "./flag.ts";
import { boolean, integer, type Kind, list, text } from "./kinds.ts";
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
  "allow-insecure-open": flag({
    category: "ACCESS",
    kind: boolean,
    default: false,
    help:
      "Serve namespaces that control the node on an address beyond loopback although nobody is asked for a credential",
  }),
  "audit": flag({
    category: "ACCESS",
    kind: text("FILE|-", "the path of a file, or - for the standard output"),
    default: undefined,
    help:
      "Append a line of JSON for each call that changes something and for each refusal; needs --allow-write for the file",
  }),
  "trusted-proxies": flag({
    category: "ACCESS",
    kind: list("RANGES"),
    default: [],
    help: "Addresses and ranges of proxies, separated by commas, whose Forwarded or X-Forwarded-For tells the client",
  }),
  "limit.rps": flag({
    category: "ACCESS",
    kind: integer("WEIGHT"),
    default: 0,
    help: "Weight of the calls that one WebSocket connection may make each second; 0 is no limit",
  }),
  "limit.burst": flag({
    category: "ACCESS",
    kind: integer("WEIGHT", { min: 1 }),
    default: undefined,
    help: "Weight that --limit.rps admits at once after a quiet time; that of one second when not given",
  }),
  "limit.address-rps": flag({
    category: "ACCESS",
    kind: integer("WEIGHT"),
    default: 0,
    help: "The same for one address over all its connections and HTTP requests; an IPv6 network of 64 bits is one",
  }),
  "limit.address-burst": flag({
    category: "ACCESS",
    kind: integer("WEIGHT", { min: 1 }),
    default: undefined,
    help: "Weight that --limit.address-rps admits at once after a quiet time; that of one second when not given",
  }),
} as const;
