// Visits every kind of page that it finds, as the public, as a contact, as an
// organiser and as a moderator, and those that administrators alone have, and lets
// axe look at it. Prints one line a page and ends with an error when anything
// serious was found, or a report of the CSP.
import {createRequire} from "node:module";
import {readFileSync} from "node:fs";

const require = createRequire(import.meta.url);
const {chromium} = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const base = process.argv[2];
const quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({executablePath: process.env.CHROMIUM, args: quiet});

// pattern is an address without what names one thing, so that one page of each kind is looked at.
const pattern = (path) => path.split("?")[0].replace(/[0-9A-Z]{26}/g, "ID").replace(/\/[A-Za-z0-9_-]{40,}/g, "/TOKEN");

// links are those of the page that lead to pages of ours.
const links = (page) => page.evaluate(() => [...document.querySelectorAll("main a[href], nav.places a[href]")]
  .map((a) => new URL(a.href)).filter((u) => u.origin === location.origin && !/^\/(v1|hsds|static|dev|calendar\/|sign-in\/staff)/.test(u.pathname))
  .map((u) => u.pathname));

// find gathers one address of each kind that can be reached from the first ones.
async function find(page, first) {
  const found = new Map(), todo = [...first];
  while (todo.length > 0) {
    const path = todo.shift(), kind = pattern(path);
    if (found.has(kind) || kind.includes("/uploads/")) continue;
    const answer = await page.goto(base + path);
    if (!(answer.headers()["content-type"] ?? "").startsWith("text/html")) continue;
    found.set(kind, path);
    todo.push(...await links(page));
  }
  return [...found.values()];
}

// as signs one of the staff in at the issuer for development.
async function as(page, role, unit) {
  await page.goto(base + "/sign-in/staff");
  await page.check("#role-" + role);
  if (unit) await page.fill("#unit", unit);
  await Promise.all([page.waitForURL(base + "/desk**"), page.click("button[type=submit]")]);
}

// mailed returns the address of a link in the newest mail.
async function mailed(page, part) {
  await page.request.post(base + "/dev/settle");
  await page.goto(base + "/dev/mailbox");
  const mail = await page.locator("main a[href^='/dev/mailbox/']").first().getAttribute("href");
  await page.goto(base + mail);
  const text = await page.content();
  const match = text.match(new RegExp(`${base}(${part}[A-Za-z0-9_.-]+)`));
  if (!match) throw new Error(`no link to ${part} in ${mail}`);
  return match[1];
}

// token returns a token of the issuer for development.
async function token(page, role, unit = "") {
  const answer = await page.request.post(base + "/dev/sign-in", {form: {role, unit}});
  return {Authorization: "Bearer " + (await answer.text()).match(/<textarea id="token"[^>]*>([^<]+)</)[1]};
}

// invited lists an organisation and invites it to an event; it returns the page of
// its answer.
async function invited(page, id) {
  const moderator = await token(page, "moderator"), organiser = await token(page, "organiser", "unitar");
  const read = await page.request.get(`${base}/v1/registrations/${id}`, {headers: moderator});
  await page.request.post(`${base}/v1/registrations/${id}/decision`, {headers: {...moderator, "If-Match": read.headers().etag}, data: {outcome: "listed"}});
  await page.request.post(base + "/dev/settle");
  const day = (n) => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);
  const keep = async (path, data) => {
    const answer = await page.request.post(base + path, {headers: organiser, data});
    if (answer.status() !== 201) throw new Error(`${path} is answered ${answer.status()}: ${await answer.text()}`);
    return (await answer.json()).id;
  };
  const series = await keep("/v1/series", {
    titles: [{lang: "en", text: "Migration and Development Seminar Series"}], topics: ["gcm:19"],
    hosts: [{year: new Date(Date.now() + 60 * 86_400_000).getUTCFullYear(), stakeholder: id, topics: ["gcm:1"]}],
  });
  await keep("/v1/searches", {name: "Migrant associations that were never asked", shared: true, query: {filters: {category: ["migrant_association"]}, invited_at_most: 0}});
  await keep("/v1/rules", {observance: "international_migrants_day", weeks_ahead: 10, template: {
    convener: "Migration Programme", kind: "seminar", titles: [{lang: "en", text: "Rights of migrants"}], starts_local: "15:00", minutes: 120,
    zone: "America/New_York", place: "United Nations Headquarters", answer_days: 14, audience: {filters: {category: ["migrant_association"]}},
  }});
  const event = await page.request.post(base + "/v1/events", {headers: organiser, data: {
    convener: "Migration and Development Seminar Series", kind: "panel_discussion", titles: [{lang: "en", text: "Political rights of migrants"}],
    starts: day(60) + "T15:00:00Z", ends: day(60) + "T17:00:00Z", zone: "UTC", place: "United Nations Headquarters", online: "https://room.example.org/1",
    capacity: 40, interpretation: ["fr", "ar"], audience: {text: "Association des migrants"}, series,
    tracks: [{id: "civil_society", titles: [{lang: "en", text: "Civil society"}], until: day(30) + "T00:00:00Z", objections_until: day(40) + "T00:00:00Z",
      document: {titles: [{lang: "en", text: "Note on participation"}], url: "https://documents.example.org/note"}}],
  }});
  if (event.status() !== 201) throw new Error(`the event is answered ${event.status()}: ${await event.text()}`);
  const made = await event.json();
  await page.request.post(`${base}/v1/events/${made.id}/publication`, {headers: {...organiser, "If-Match": event.headers().etag}});
  const answer = await mailed(page, "/answer/");
  await page.goto(base + "/events/" + made.id + "/accreditation");
  await page.click("main form button[type=submit]");
  return [answer, "/events/" + made.id];
}

// contact registers an organisation, proves its address and signs in.
let registered;
async function contact(page) {
  const registration = {
    category: "migrant_association", country: "CH", names: [{text: "Association des migrants", lang: "fr", kind: "legal"}],
    contacts: [{name: "Contact", role: "focal_point", email: "office@example.org", language: "fr"}], evidence: [{kind: "certificate"}],
    consent: {directory: true, text_version: (await (await page.request.get(base + "/register")).text()).match(/name="consent_version" value="([^"]+)"/)[1]},
  };
  const taken = await page.request.post(base + "/v1/registrations", {data: registration});
  if (taken.status() !== 202) throw new Error(`the registration is answered ${taken.status()}: ${await taken.text()}`);
  const confirm = await mailed(page, "/confirm/");
  await page.goto(base + confirm);
  await page.click("main form button");
  await page.request.post(base + "/v1/sign-in", {data: {email: "office@example.org"}});
  const enter = await mailed(page, "/sign-in/");
  await page.goto(base + enter);
  await page.click("main form button");
  registered = (await taken.json()).id;
  return [confirm, ...await invited(page, registered), await mailed(page, "/unsubscribe/")];
}

// administrator signs in and makes a unit.
async function administrator(page) {
  await as(page, "admin");
  const made = await page.request.post(base + "/v1/units", {headers: await token(page, "admin"), data: {
    id: "unitar", names: [{text: "UNITAR", lang: "en"}], zone: "America/New_York", language: "en", reply_to: "unit@example.org",
  }});
  if (made.status() !== 201) throw new Error(`the unit is answered ${made.status()}: ${await made.text()}`);
}

const readers = [
  {name: "contact", enter: contact, first: ["/me"]},
  {name: "moderator", enter: async (page) => { await as(page, "moderator"); return ["/desk/registrations/" + registered]; }, first: ["/desk", "/desk/registrations", "/desk/amendments", "/desk/screenings", "/desk/claims"]},
  {name: "public", first: ["/", "/?q=migration", "/?q=zzzz", "/events", "/register", "/sign-in", "/nowhere"]},
  {name: "organiser", enter: async (page) => { await as(page, "organiser", "unitar"); return ["/stakeholders/" + registered]; }, first: ["/desk"]},
  {name: "administrator", enter: administrator, only: ["/desk", "/desk/units", "/desk/units/new", "/desk/units/unitar"]},
];
let visits = 0, held = 0, reports = 0;
for (const reader of readers) {
  const context = await browser.newContext({bypassCSP: false});
  const page = await context.newPage();
  page.on("console", (m) => { if (/content security policy/i.test(m.text())) { reports++; console.log("CSP:", m.text()); } });
  const more = await reader.enter?.(page) ?? [];
  const paths = reader.only ?? await find(page, [...reader.first, ...more]);
  for (const path of paths) {
    const found = [];
    for (const lang of ["en", "ar"]) for (const colorScheme of ["light", "dark"]) for (const width of [320, 1280]) {
      const before = found.length + reports;
      await page.emulateMedia({colorScheme});
      await page.setViewportSize({width, height: 900});
      await page.goto(base + path + (path.includes("?") ? "&" : "?") + "lang=" + lang);
      await page.evaluate(axe);
      const {violations} = await page.evaluate(() => globalThis.axe.run());
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      visits++;
      for (const v of violations.filter((v) => v.impact === "serious" || v.impact === "critical")) {
        found.push(`${lang} ${colorScheme} ${width}: ${v.id} at ${v.nodes[0].target}`);
      }
      if (wide) found.push(`${lang} ${colorScheme} ${width}: wider than the window`);
      if (found.length + reports === before) held++;
    }
    console.log(`${reader.name}\t${pattern(path)}\t${found.length === 0 ? "ok" : [...new Set(found)].join("; ")}`);
  }
  await context.close();
}
await browser.close();
console.log(`18 pages without anything serious and without a CSP report: injected ${visits}, held ${held}`);
process.exit(held < visits || reports > 0 ? 1 : 0);
