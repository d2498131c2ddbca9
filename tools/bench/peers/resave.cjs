// Reads every workbook of a folder with a library that is not ours and writes it
// anew, so that another program can be held to read the same values in it.
// Usage: node resave.cjs MAKER FROM TO, where MAKER is one of the names below.
const fs = require("fs");
const path = require("path");

const sheetjs = (options) => (from, to) => {
  const XLSX = require("@e965/xlsx");
  const book = XLSX.readFile(from, { cellNF: true, cellStyles: true, cellDates: options.cellDates });
  XLSX.writeFile(book, to, { compression: true, ...options });
};

// anew makes a workbook of the values alone, cell by cell.
const anew = (from, to) => {
  const XLSX = require("@e965/xlsx");
  const was = XLSX.readFile(from, { cellNF: true, cellDates: true });
  const book = XLSX.utils.book_new();
  for (const name of was.SheetNames) {
    const rows = XLSX.utils.sheet_to_json(was.Sheets[name], { header: 1, raw: true, blankrows: true });
    XLSX.utils.book_append_sheet(book, XLSX.utils.aoa_to_sheet(rows, { UTC: true }), name);
  }
  XLSX.writeFile(book, to);
};

// exceljs reads as a stream: its other reader refuses the document properties
// that excelize writes, whose elements have no prefix.
const exceljs = async (from, to) => {
  const ExcelJS = require("exceljs");
  const book = new ExcelJS.Workbook();
  for await (const was of new ExcelJS.stream.xlsx.WorkbookReader(from, { sharedStrings: "cache", styles: "cache", worksheets: "emit" })) {
    const sheet = book.addWorksheet(was.name);
    for await (const row of was)
      row.eachCell((cell, col) => {
        const copy = sheet.getRow(row.number).getCell(col);
        copy.value = cell.value;
        if (cell.numFmt) copy.numFmt = cell.numFmt;
      });
  }
  await book.xlsx.writeFile(to);
};

const makers = {
  sheetjs: sheetjs({}),
  "sheetjs-shared-strings": sheetjs({ bookSST: true }),
  "sheetjs-iso-dates": sheetjs({ cellDates: true }),
  "sheetjs-anew": anew,
  exceljs,
};

async function main() {
  const [maker, from, to] = process.argv.slice(2);
  let n = 0;
  for (const entry of fs.readdirSync(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".xlsx")) continue;
    const file = path.join(entry.parentPath ?? entry.path, entry.name);
    const target = path.join(to, path.relative(from, file));
    fs.mkdirSync(path.dirname(target), { recursive: true });
    await makers[maker](file, target);
    n++;
  }
  if (!n) throw new Error(`no workbook in ${from}`);
}
main();
