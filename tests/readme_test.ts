import { assert, assertEquals } from "@std/assert";
import { PAGES, pageUrl, withSections } from "./readme.ts";

/** The first page is read from end to end; whatever is looked up belongs to the folder that it is about. */
const MAX_LINES = 200;

for (const file of Object.keys(PAGES)) {
  Deno.test(`${file} shows the rows as they are (deno task docs writes them)`, async () => {
    const text = await Deno.readTextFile(pageUrl(file));
    assertEquals(text, withSections(file, text));
  });
}

Deno.test(`README.md has at most ${MAX_LINES} lines`, async () => {
  const lines = (await Deno.readTextFile(pageUrl("README.md"))).split("\n").length - 1;
  assert(lines <= MAX_LINES, `${lines} lines`);
});

function* pagesBelow(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(pageUrl(folder))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory && entry.name !== "node_modules") yield* pagesBelow(path);
    else if (entry.name.endsWith(".md")) yield path;
  }
}

/** The anchor that a heading has (GitHub's rule). */
function anchorOf(heading: string): string {
  return heading.toLowerCase().replaceAll(/[^a-z0-9 _-]/g, "").trim().replaceAll(" ", "-");
}

Deno.test("Every link of a page leads to a file, and to a heading of it", async () => {
  const broken: string[] = [];
  for (const page of ["README.md", ...pagesBelow("src"), ...pagesBelow("tests")]) {
    const text = await Deno.readTextFile(pageUrl(page));
    for (const [, target = ""] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [path = "", anchor] = target.split("#");
      const url = path === "" ? pageUrl(page) : new URL(path, pageUrl(page));
      const info = await Deno.stat(url).catch(() => null);
      const headings = info?.isFile === true && anchor !== undefined
        ? [...(await Deno.readTextFile(url)).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => anchorOf(heading))
        : [];
      if (info === null || (anchor !== undefined && !headings.includes(anchor))) broken.push(`${page}: ${target}`);
    }
  }
  assertEquals(broken, []);
});
