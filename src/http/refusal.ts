import { STATUS_TEXT } from "@std/http/status";

/** Returns an error as Go's http.Error writes it: the sentence and a line feed. */
export function refuse(
  status: keyof typeof STATUS_TEXT,
  sentence: string,
  headers: Record<string, string> = {},
): Response {
  return new Response(`${sentence || STATUS_TEXT[status]}\n`, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff", ...headers },
  });
}
