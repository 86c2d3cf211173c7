/**
 * The steps of the start: this folder reads the files that flags name, explains each refusal of the system in one line, and
 * prints the first screen.
 *
 * May import: `log`, and from `accounts`, `upstream` and `transport` the files that read or check what is named. It loads no package, because the
 * program calls it while it still has its permissions. It takes plain values; only `launch.ts` and `server.ts` know their
 * sources.
 *
 * You are in the wrong place if your code runs after the endpoint has opened, or needs a chain or a connection.
 */
export { type AuditFile, openAuditFile } from "./audit_file.ts";
export { ImportProgress } from "./import_progress.ts";
export { openPortWarnings } from "./open_ports.ts";
export { type FirstScreen, printFirstScreen } from "./first_screen.ts";
export { fileGrants, type InputFiles, readInputFiles, requireKeystore } from "./input_files.ts";
export { fileFault, readTextFile, requireFilePermission } from "./named_file.ts";
export { jwksUrl, readJwksFile } from "./jwt_files.ts";
export { readTls, type Tls } from "./tls_files.ts";
export { describedFork, describedUpstreams, nodeGrants, readForkUrl, upstreamGrants } from "./upstream_specs.ts";
export { bindFailure, listeningLost, requireListenPermission, StartError } from "./start_error.ts";
