import { describe, type Grant } from "./grants.ts";
import type { SandboxReport } from "./sandbox.ts";

/** One log line: a message, and facts as fields. */
export interface ReportLine {
  readonly level: "info" | "warn";
  readonly message: string;
  readonly fields: Record<string, string>;
}

/** Reports in at most three lines the permissions that were held, dropped and kept, and those that would suffice. */
export function reportLines(report: SandboxReport): readonly ReportLine[] {
  if (report.mode === "off") return [offLine(report)];
  const lines: ReportLine[] = [{
    level: "info",
    message: "Sandbox closed",
    fields: { held: list(report.held), dropped: list(report.dropped), kept: list(report.kept), ...unseen(report) },
  }];
  if (report.tooBroad.length > 0) {
    lines.push({
      level: "warn",
      message: "Sandbox keeps more than it needs, as a whole grant cannot be narrowed",
      fields: { kept: list(report.tooBroad) },
    });
  }
  if (report.least !== null) {
    lines.push({ level: "info", message: "Less would have been enough", fields: { run: report.least } });
  }
  return lines;
}

/**
 * Says what `--sandbox=strict` cannot check: Deno answers only for the descriptor of a query, and `partial` means that a part
 * is denied, not that a part is granted (measured).
 */
function unseen({ mode, kept }: SandboxReport): Record<string, string> {
  if (mode !== "strict") return {};
  const names = [...new Set(kept.map(({ name }) => name))];
  const except = names.length === 0 ? "" : `, except of ${names.join(" and ")}`;
  return { unseen: `Deno lists no scoped grants (--allow-env=HOME), so none was refused; any were dropped${except}` };
}

function offLine(report: SandboxReport): ReportLine {
  return {
    level: "warn",
    message: "Sandbox is off",
    fields: { held: list(report.held), ...(report.least === null ? {} : { enough: report.least }) },
  };
}

function list(grants: readonly Grant[]): string {
  return grants.length === 0 ? "nothing" : grants.map(describe).join(",");
}
