// Reads every cell of a workbook as a stream and counts the rows that hold something.
const ExcelJS = require("exceljs");
(async () => {
  let rows = 0;
  for await (const sheet of new ExcelJS.stream.xlsx.WorkbookReader(process.argv[2], { sharedStrings: "cache", styles: "cache" }))
    for await (const row of sheet) if (row.values.length) rows++;
  console.log(rows);
})();
