// TypeScript's language service over one folder, asked by JSON lines on standard input: what tsc would report of a text
// as if it were the file of that path, and, if wanted, the first of the service's own code fixes for each report.
//
//   {"file": "src/a.ts", "text": "..."}                 -> {"listing": "src/a.ts(1,2): error TS2304: ..."}
//   {"file": "src/a.ts", "text": "...", "fix": true}    -> {"fixed": "..."}
//
// Started by `fix_typescript` as `node typescript_service.js TYPESCRIPT FOLDER`; FOLDER holds the sources.
"use strict";
const fs = require("fs");
const path = require("path");
const readline = require("readline");

const ts = require(path.join(process.argv[2], "lib", "typescript.js"));
const root = fs.realpathSync(process.argv[3]);

const options = {
  strict: true,
  noUnusedLocals: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  allowImportingTsExtensions: true,
  jsx: ts.JsxEmit.Preserve,
  noEmit: true,
  skipLibCheck: true,
  types: [],
  lib: ["lib.es2022.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts", "lib.esnext.d.ts"],
};

const laid = new Map(); // absolute path -> text in its place
const versions = new Map();
const roots = new Set();
const host = {
  getCompilationSettings: () => options,
  getScriptFileNames: () => [...roots],
  getScriptVersion: (name) => String(versions.get(name) || 0),
  getScriptSnapshot: (name) => {
    const text = laid.has(name) ? laid.get(name) : ts.sys.readFile(name);
    return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
  },
  getCurrentDirectory: () => root,
  getDefaultLibFileName: (given) => ts.getDefaultLibFilePath(given),
  fileExists: ts.sys.fileExists,
  readFile: ts.sys.readFile,
  readDirectory: ts.sys.readDirectory,
  directoryExists: ts.sys.directoryExists,
  getDirectories: ts.sys.getDirectories,
};
const service = ts.createLanguageService(host, ts.createDocumentRegistry());

function put(file, text) {
  if (laid.get(file) !== text) {
    laid.set(file, text);
    versions.set(file, (versions.get(file) || 0) + 1);
  }
}

function reports(file) {
  return [...service.getSyntacticDiagnostics(file), ...service.getSemanticDiagnostics(file)];
}

function fixed(file, text) {
  for (const report of reports(file)) {
    let fixes = [];
    try {
      fixes = service.getCodeFixesAtPosition(
        file, report.start, report.start + report.length, [report.code], ts.getDefaultFormatCodeSettings(), {});
    } catch {
      // Some of the service's fixes fail on some code; that is one without a fix.
    }
    for (const fix of fixes) {
      if (fix.changes.length !== 1 || fix.changes[0].fileName !== file) continue;
      const edits = [...fix.changes[0].textChanges].sort((one, other) => other.span.start - one.span.start);
      let result = text;
      for (const edit of edits) {
        result = result.slice(0, edit.span.start) + edit.newText + result.slice(edit.span.start + edit.span.length);
      }
      return result;
    }
  }
  return text;
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const asked = JSON.parse(line);
  const file = path.join(root, asked.file);
  roots.clear();
  roots.add(file);
  put(file, asked.text);
  let answer;
  if (asked.fix) {
    answer = { fixed: fixed(file, asked.text) };
  } else {
    const found = reports(file);
    answer = {
      listing: ts.formatDiagnostics(found, {
        getCurrentDirectory: () => root, getCanonicalFileName: (name) => name, getNewLine: () => "\n" }),
    };
  }
  laid.delete(file);
  versions.set(file, (versions.get(file) || 0) + 1);
  process.stdout.write(JSON.stringify(answer) + "\n");
});
