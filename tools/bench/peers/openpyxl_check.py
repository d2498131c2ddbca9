"""Reads the milestones of a workbook with openpyxl and checks every row against
the JSON Schemas that iltizam checks by. Usage: openpyxl_check.py FILE SCHEMAS"""
import glob, json, os, sys
from datetime import datetime, timedelta

import openpyxl
from jsonschema import Draft202012Validator, RefResolver

file, schemas = sys.argv[1:]
store = {}
for name in glob.glob(os.path.join(schemas, "*.schema.json")):
    with open(name, encoding="utf-8") as f:
        schema = json.load(f)
    store[schema["$id"]] = schema
row_schema = store["https://iltizam.example/schemas/milestone-row.schema.json"]
validator = Draft202012Validator(row_schema, resolver=RefResolver.from_schema(row_schema, store=store))
with open(os.path.join(schemas, "codelists/status.json"), encoding="utf-8") as f:
    codes = {label: c["code"] for c in json.load(f)["codes"] for label in c["label"].values()}


def iso(v):
    if isinstance(v, (int, float)):
        v = datetime(1899, 12, 30) + timedelta(days=int(v))
    return v.date().isoformat() if isinstance(v, datetime) else v


rows = bad = 0
book = openpyxl.load_workbook(file, read_only=True, data_only=True)
for sheet in book:
    sheet.reset_dimensions()  # it believes the declared one, and reads no row beyond it
    keys = None
    for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        if number == 1:
            keys = cells if "milestone_id" in cells else None
        if not keys or number < 6:
            continue
        row = {}
        for key, v in zip(keys, cells):
            if key and key != "check" and v not in (None, ""):
                row[key] = iso(v) if key.endswith("_date") else codes.get(v) if key == "status" else v
        if not row:
            continue
        rows += 1
        if not validator.is_valid(row):
            bad += 1
print(rows, "rows,", bad, "refused")
sys.exit(1 if bad or not rows else 0)
