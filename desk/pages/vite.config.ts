import { createHash } from "node:crypto";
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const HERE = import.meta.dirname;
const SOURCES = ["index.html", "package-lock.json", "package.json", "public", "src", "tsconfig.json", "vite.config.ts"];

/** Writes down of which source the pages were built: tests/pages/test_pages_built.py reckons the same. */
function sourceHash(): Plugin {
  return {
    name: "source-hash",
    apply: "build",
    closeBundle() {
      const hash = createHash("sha256");
      for (const path of SOURCES.flatMap((name) => filesIn(join(HERE, name))).sort())
        hash.update(`${relative(HERE, path)}\0`).update(readFileSync(path)).update("\0");
      writeFileSync(resolve(HERE, OUT, "source.txt"), `${hash.digest("hex")}\n`);
    },
  };
}

function filesIn(path: string): string[] {
  return statSync(path).isFile() ? [path] : readdirSync(path).flatMap((name) => filesIn(join(path, name)));
}

const OUT = process.env["HOTLINE_PAGES_OUT"] ?? "../built";

// What the server serves under a strict Content-Security-Policy: nothing inline, no data: but small pictures.
export default defineConfig({
  plugins: [react(), sourceHash()],
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    manifest: "manifest.json",
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 400,
  },
  worker: { format: "es" },
  // Pages from source, beside a running service: npx vite
  server: { proxy: { "/api": "http://127.0.0.1:8080", "/ws": { target: "ws://127.0.0.1:8080", ws: true } } },
});
