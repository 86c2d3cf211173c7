import { beginWorkersWith } from "../concurrency/worker.ts";
import {
  closeThisRealm,
  drop,
  type Needs,
  REALM_CLOSING_MODULE,
  type SandboxMode,
  type SandboxReport,
} from "../sandbox/mod.ts";

/** Gives the permissions back, and closes other ways out of the process, here and in later workers. */
export function closeSandbox(needs: Needs, mode: SandboxMode): SandboxReport {
  const report = drop(needs, mode);
  if (mode !== "off") {
    beginWorkersWith(REALM_CLOSING_MODULE);
    closeThisRealm();
  }
  return report;
}
