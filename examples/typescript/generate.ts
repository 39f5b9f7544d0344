/** Writes generated/pstn.ts, the types of the API; `node generate.ts` takes another document too. */

import { mkdir, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";
import { factory } from "typescript";

const document = process.argv[2] ?? new URL("../../openapi/openapi.json", import.meta.url).pathname;
const BLOB = factory.createTypeReferenceNode("Blob");

const nodes = await openapiTS(new URL(`file://${document}`), {
  defaultNonNullable: false, // a field with a default need not be sent
  // A file is a Blob; the generator has it as a string.
  transform: (schema) => (schema.format === "binary" ? BLOB : undefined),
});
await mkdir("generated", { recursive: true });
await writeFile("generated/pstn.ts", astToString(nodes));
