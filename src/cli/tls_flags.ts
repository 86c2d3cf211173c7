import { flag } from "./flag.ts";
import { boolean, text } from "./kinds.ts";

/** The rows about encrypted ports. */
export const TLS_FLAGS = {
  "tls.cert": flag({
    category: "ACCESS",
    kind: text("FILE", "the path of a PEM file"),
    default: undefined,
    help: "Serve wss and https on every port with this certificate, the authorities' behind it; " +
      "needs --allow-read for the file",
  }),
  "tls.key": flag({
    category: "ACCESS",
    kind: text("FILE", "the path of a PEM file"),
    default: undefined,
    help: "Private key of --tls.cert, without a passphrase; needs --allow-read for the file",
  }),
  "tls.client-ca": flag({
    category: "ACCESS",
    kind: text("FILE", "the path of a PEM file"),
    default: undefined,
    help: "Let in only clients that show a certificate of one of these authorities; not with --listener deno",
  }),
  "tls.reload": flag({
    category: "ACCESS",
    kind: boolean,
    default: false,
    help: "Read the files of --tls.* again on SIGHUP; keeps the permission to read them",
  }),
} as const;
