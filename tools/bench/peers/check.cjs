// Reads the milestones of a workbook, then checks every row against the JSON
// Schemas that iltizam checks by: what a script of a few lines would do with
// SheetJS or exceljs, ajv. Usage: node check.cjs sheetjs|exceljs FILE SCHEMAS
const fs = require("fs");
const path = require("path");
const Ajv = require("ajv/dist/2020");
const addFormats = require("ajv-formats");

const [reader, file, schemas] = process.argv.slice(2);
const ajv = new Ajv({ allErrors: true, strict: false });
addFormats(ajv);
for (const name of fs.readdirSync(schemas).filter((n) => n.endsWith(".schema.json")))
  ajv.addSchema(JSON.parse(fs.readFileSync(path.join(schemas, name), "utf8")));
const valid = ajv.getSchema("https://iltizam.example/schemas/milestone-row.schema.json");

const codes = new Map();
for (const { code, label } of JSON.parse(fs.readFileSync(path.join(schemas, "codelists/status.json"), "utf8")).codes)
  for (const l of Object.values(label)) codes.set(l, code);

const day = (serial) => new Date(Date.UTC(1899, 11, 30 + Math.floor(serial))).toISOString().slice(0, 10);
const iso = (v) => (v instanceof Date ? v.toISOString().slice(0, 10) : typeof v === "number" ? day(v) : v);

let keys = null;
let rows = 0;
let bad = 0;
function take(number, cells) {
  if (number === 1) keys = cells.includes("milestone_id") ? cells : null;
  if (!keys || number < 6) return;
  const row = {};
  keys.forEach((key, i) => {
    const v = cells[i];
    if (!key || key === "check" || v === null || v === undefined || v === "") return;
    row[key] = key.endsWith("_date") ? iso(v) : key === "status" ? codes.get(v) : v;
  });
  if (!Object.keys(row).length) return;
  rows++;
  if (!valid(row)) bad++;
}

async function main() {
  if (reader === "sheetjs") {
    const XLSX = require("@e965/xlsx");
    const book = XLSX.readFile(file, { dense: true });
    for (const name of book.SheetNames)
      XLSX.utils.sheet_to_json(book.Sheets[name], { header: 1, raw: true }).forEach((cells, i) => take(i + 1, cells));
  } else {
    const ExcelJS = require("exceljs");
    for await (const sheet of new ExcelJS.stream.xlsx.WorkbookReader(file, { sharedStrings: "cache", styles: "cache" }))
      for await (const row of sheet) take(row.number, row.values.slice(1));
  }
  console.log(`${rows} rows, ${bad} refused`);
  if (!rows || bad) process.exitCode = 1;
}
main();
