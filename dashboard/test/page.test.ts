import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

test("The page asks nobody but its own broker for anything", () => {
  const page = readFileSync(new URL("../index.html", import.meta.url), "utf8");
  const addresses = [...page.matchAll(/(?:href|src)="([^"]+)"/g)].map((match) => match[1]!);
  expect(addresses.length).toBeGreaterThan(2);
  expect(addresses.filter((address) => !address.startsWith("/src/"))).toEqual([]);
});

test("The page has no script and no style in itself, which its policy forbids", () => {
  const page = readFileSync(new URL("../index.html", import.meta.url), "utf8");
  expect(page).not.toMatch(/<style|style="|\son\w+="|<script(?![^>]*\ssrc=)/i);
});
