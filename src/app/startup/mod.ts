/**
 * What happens once, while the server comes up: files that flags name are read, what the system refuses is put into one
 * clear line, and the first screen is printed.
 *
 * May import: `log`, and from `accounts` and `upstream` the files that read what is named. It loads no package, as the program calls it while
 * it still has its permissions. It is handed plain values; only `launch.ts` and `server.ts` know where they come from.
 *
 * You are in the wrong place if your code runs after the endpoint has opened, or needs a chain or a connection.
 */
export { ImportProgress } from "./import_progress.ts";
export { type FirstScreen, printFirstScreen } from "./first_screen.ts";
export { fileFault, fileGrants, type InputFiles, readInputFiles, requireFilePermission } from "./input_files.ts";
export { describedUpstreams, upstreamGrants } from "./upstream_specs.ts";
export { bindFailure, listeningLost, requireListenPermission, StartError } from "./start_error.ts";
