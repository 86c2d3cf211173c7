/**
 * What the process may do: which permissions it was started with, the least that would do, giving back the rest once the
 * port is bound, and closing what permissions do not cover (`realm.ts`). README.md lists what is closed and what is not.
 *
 * May import: `text`.
 *
 * You are in the wrong place if you are about to decide who may connect (that is `transport/origin.ts`), which account
 * may sign (`accounts/`), or what a flag is called (`cli/`). Nothing here may ask for a permission: it only looks, and
 * gives back.
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
