import { STATUS_TEXT } from "@std/http/status";

/** Go's http.Error: the sentence and a line feed. */
export function refuse(status: number, sentence: string, headers: Record<string, string> = {}): Response {
  return new Response(`${sentence || STATUS_TEXT[status]}\n`, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff", ...headers },
  });
}
