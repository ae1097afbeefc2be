// What @asyncapi/parser says of the documents that are named: one line an error; the exit status is 1 if there is one.
import { readFile } from "node:fs/promises";
import { Parser } from "@asyncapi/parser";

const parser = new Parser();
let wrong = 0;
for (const path of process.argv.slice(2)) {
  const { document, diagnostics } = await parser.parse(await readFile(path, "utf8"));
  for (const each of diagnostics.filter(({ severity }) => severity === 0)) {
    console.log(`${path}: ${each.code} at ${each.path.join(".")}: ${each.message}`);
    wrong += 1;
  }
  if (document === undefined) wrong += 1;
  else console.log(`${path}: ${document.allMessages().all().length} messages`);
}
process.exit(wrong ? 1 : 0);
