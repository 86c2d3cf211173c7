import { describe, type Grant } from "./grants.ts";
import type { SandboxReport } from "./sandbox.ts";

/** One log line: what happened, and the facts as fields. */
export interface ReportLine {
  readonly level: "info" | "warn";
  readonly message: string;
  readonly fields: Record<string, string>;
}

/** Says in at most three lines what the process held, dropped and keeps, and what would have been enough. */
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
 * Who asked for strictness must know what it does not cover: Deno answers only for a descriptor that it is asked about,
 * and `partial` tells of a denied part, not of a granted one (measured).
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
