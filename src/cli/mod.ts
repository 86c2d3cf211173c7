/**
 * The command line: this layer makes a typed Config of words, and the texts that explain the flags to a user.
 *
 * Everything is made from the one table in `flags.ts`: parsing, `--help`, the environment's names, the README's table
 * and the Config itself, which is keyed by geth's own spelling (`config["ws.port"]`). A new flag is one new row. Flags and
 * commands of geth and anvil that are not here stand in tables of their own (`geth_flags.ts`, `geth_old_flags.ts`,
 * `geth_commands.ts`, `anvil_flags.ts`), each with what to use instead.
 *
 * This layer imports only `text`, touches no file and no socket, and never ends the process: `main.ts` does. You are in
 * the wrong place if you need to know what a flag does rather than how it is written.
 */
export { type Config, environmentName, FLAG_ROWS, type FlagName } from "./flags.ts";
export {
  chooseNamespaces,
  type CommandLine,
  type NamespaceChoice,
  permittedEnvironment,
  readCommandLine,
} from "./config.ts";
export { type EndpointPlace, endpointsOf, listenerOf, type Role } from "./endpoints.ts";
export { guardsOf } from "./guards.ts";
export { flagTable, helpText } from "./help.ts";
export { configFrom } from "./options.ts";
export { nearest, quoted, UsageError } from "./usage_error.ts";
