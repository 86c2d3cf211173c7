/**
 * The permissions of the process: this layer finds those it was started with and the least that suffice, gives the rest back
 * once the port is bound, and closes ways out that permissions do not cover (`realm.ts`). README.md lists what is closed.
 *
 * May import: `text`.
 *
 * You are in the wrong place if you are about to decide who may connect (that is `transport/origin.ts`), which account
 * may sign (`accounts/`), or what a flag is called (`cli/`). Nothing here may request a permission: it only queries and
 * revokes.
 */
export type { Grant, PermissionName } from "./grants.ts";
export { leastCommandLine, type Needs } from "./needs.ts";
export { closeThisRealm, REALM_CLOSING_MODULE } from "./realm.ts";
export { type ReportLine, reportLines } from "./report.ts";
export {
  type Audit,
  audit,
  drop,
  refuseExcess,
  SandboxError,
  type SandboxMode,
  type SandboxReport,
} from "./sandbox.ts";
