// Reads every cell of a workbook and counts the rows that hold something.
const XLSX = require("@e965/xlsx");
const book = XLSX.readFile(process.argv[2], { dense: true });
let rows = 0;
for (const name of book.SheetNames) rows += XLSX.utils.sheet_to_json(book.Sheets[name], { header: 1, blankrows: false }).length;
console.log(rows);
