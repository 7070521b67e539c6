'use strict';

const form = document.querySelector('.filter');
const output = form.querySelector('output');
const columns = document.head.appendChild(document.createElement('style'));
const views = JSON.parse(document.getElementById('data')?.textContent ?? '{"views": []}').views;

/** What is filtered: requirements, faults and tests by their verdicts, transitions without. */
const rows = [...document.querySelectorAll('[data-regions]')].map((element) => ({
  element,
  levels: element.dataset.level.split('|'),
  regions: element.dataset.regions.split('|'),
  verdicts: element.dataset.verdicts?.split('|'),
  run: element.dataset.run,
  hidden: false,
  text: undefined,
}));
const transitions = [...document.querySelectorAll('.transition')];
const parts = [...document.querySelectorAll('[data-region]')];
const aboutRuns = [...document.querySelectorAll('tr[data-run], details[data-run]:not([data-key])')];

/** Whether a row has a verdict: that of the chosen binding, or that of any. */
function hasVerdict(row, { binding, verdict }) {
  if (row.run && binding && row.run !== binding) return false;
  if (!verdict || !row.verdicts) return true;
  return row.run || !binding ? row.verdicts.includes(verdict) : row.verdicts[binding - 1] === verdict;
}

/** Whether a row is what the form asks for. */
function wanted(row, wish) {
  if (wish.level && !row.levels.includes(wish.level)) return false;
  if (wish.region && !row.regions.includes(wish.region)) return false;
  if (!hasVerdict(row, wish)) return false;
  if (!wish.text) return true;
  row.text ??= row.element.textContent.toLowerCase();
  return row.text.includes(wish.text);
}

/** Hides an element or shows it; only what changes costs anything. */
function hide(row, hidden) {
  if (row.hidden !== hidden) row.element.hidden = row.hidden = hidden;
}

/** What the form asks for. */
function wish() {
  const chosen = Object.fromEntries(new FormData(form));
  return { binding: '', ...chosen, text: chosen.text.trim().toLowerCase() };
}

/** Shows what is asked for, and tells how much of it there is. */
function filter() {
  const asked = wish();
  for (const row of rows) hide(row, !wanted(row, asked));
  for (const part of parts) part.hidden = Boolean(asked.region) && part.dataset.region !== asked.region;
  for (const about of aboutRuns) about.hidden = Boolean(asked.binding) && about.dataset.run !== asked.binding;
  only(asked.binding);
  const judged = rows.filter((row) => row.verdicts);
  const left = judged.filter((row) => !row.hidden).length;
  output.textContent = left === judged.length ? '' : `${left} of ${judged.length} shown`;
}

let shownBinding = '';

/** Leaves the column of one binding, and how the statechart fared in it; without one, all of them together. */
function only(binding) {
  if (binding === shownBinding) return;
  shownBinding = binding;
  const other = `:nth-child(n + 2):not(:nth-child(${Number(binding) + 1}))`;
  columns.textContent = binding ? `.by-run tr > ${other} { display: none } .by-run.several tr { --runs: 1 }` : '';
  const view = views[Number(binding)];
  document.querySelectorAll('#statechart, #heat, #transitions').forEach((head) => {
    head.parentElement.hidden = view === null;
  });
  if (view) fare(view);
}

/** Tells of everything in the statechart how it fared in a view. */
function fare(view) {
  document.querySelector('.covered').textContent = view.covered;
  document.querySelectorAll('[data-edge]').forEach((one) => mark(one, view.edges[one.dataset.edge]));
  document.querySelectorAll('[data-state]').forEach((one) => mark(one, view.states[one.dataset.state]));
  document.querySelectorAll('.heat td').forEach((one, at) => mark(one, view.calls[at]));
  transitions.forEach((one, at) => mark(one, view.transitions[at]));
  transitions.filter((one) => one.open).forEach(tests);
}

/** Leaves those tests of a transition that took it in the chosen binding. */
function tests(transition) {
  const took = views[Number(shownBinding)]?.tests[transitions.indexOf(transition)].map((number) => `#test${number}`);
  transition.querySelectorAll('.tests li').forEach((test) => {
    test.hidden = Boolean(took) && !took.includes(test.firstChild.getAttribute('href'));
  });
}

/** Writes a kind and its words where they stand in an element. */
function mark(element, fared) {
  const [kind, text] = fared.split('|');
  if (element.dataset.fared !== kind) element.dataset.fared = kind;
  if (element.dataset.name) element.setAttribute('aria-label', `${element.dataset.name} ${text}`);
  if (element.dataset.state) {
    const title = element.querySelector('title');
    title.textContent = title.textContent.replace(/: .*/, `: ${text}`);
    return;
  }
  const place = element.matches('td, span') ? element : element.querySelector('.fared');
  if (place && place.textContent !== text) place.textContent = text;
}

/** Opens what the address names, whatever it is in, and shows it even if it was filtered away. */
function open() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (!target) return;
  for (let one = target; one; one = one.parentElement) {
    if (one instanceof HTMLDetailsElement) one.open = true;
    const row = rows.find((row) => row.element === one);
    if (row) hide(row, false);
    else if (one !== document.body && !one.matches('.scripted')) one.hidden = false;
  }
  target.scrollIntoView();
  (target.querySelector(':scope > summary') ?? target).focus({ preventScroll: true });
}

/** Copies the command beside a button; selects it where the browser does not allow that. */
async function copy(button) {
  const code = button.previousElementSibling;
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = 'Copied';
  } catch {
    getSelection().selectAllChildren(code);
    button.textContent = 'Selected';
  }
}

const pair = document.querySelector('.pair');

/** Where the two chosen runs differ: verdicts of requirements, faults, and what the same fault says. */
function differ() {
  const [one, other] = [pair.elements.one.value, pair.elements.other.value];
  const verdicts = [...verdictsApart(one, other)];
  const [idle, judged] = [true, false].map((wanted) => verdicts.filter((row) => row.slice(2).flat().some(isIdle) === wanted));
  const found = [...judged, ...faultsApart(one, other), ...idle];
  const heads = document.querySelectorAll('.differing thead th');
  [pair.elements.one, pair.elements.other].forEach((chosen, at) => {
    heads[at + 2].textContent = chosen.selectedOptions[0].textContent;
  });
  document.querySelector('.differing tbody').replaceChildren(...found.map(line));
  pair.querySelector('output').textContent = found.length === 1 ? '1 difference' : `${found.length} differences`;
}

/** Whether a verdict says that nothing was judged; such differences come last. */
function isIdle(verdict) {
  return ['unsupported', 'not run', 'waived'].includes(verdict);
}

function* verdictsApart(one, other) {
  for (const row of document.querySelectorAll('.requirements tbody tr')) {
    const verdicts = row.dataset.verdicts.split('|');
    const [left, right] = [verdicts[one - 1], verdicts[other - 1]];
    if (left !== right) yield ['requirement', [row.querySelector('strong').textContent], [left], [right]];
  }
}

function* faultsApart(one, other) {
  const [left, right] = [one, other].map(faultsOf);
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    const [seen, too] = [left.get(key), right.get(key)];
    if (seen?.told !== too?.told) yield ['fault', [key], told(seen), told(too)];
  }
}

function faultsOf(run) {
  const faults = document.querySelectorAll(`.fault[data-run="${run}"]`);
  return new Map([...faults].map((fault) => [fault.dataset.key, { told: fault.querySelector('.observed').textContent, id: fault.id }]));
}

function told(fault) {
  if (!fault) return ['not seen'];
  return [fault.told.length > 200 ? `${fault.told.slice(0, 199)}…` : fault.told || 'seen', fault.id];
}

/** A line of the table; a cell with an id leads there. */
function line([what, ...cells]) {
  const row = document.createElement('tr');
  row.insertCell().textContent = what;
  for (const [text, id] of cells) {
    const place = row.appendChild(document.createElement(row.cells.length === 1 ? 'th' : 'td'));
    if (place.matches('th')) place.scope = 'row';
    const shown = id ? place.appendChild(document.createElement('a')) : place;
    if (id) shown.href = `#${id}`;
    shown.textContent = text;
  }
  return row;
}

form.hidden = false;
form.addEventListener('input', filter);
form.addEventListener('submit', (event) => event.preventDefault());
form.querySelector('button').addEventListener('click', () => {
  form.reset();
  filter();
});
if (pair) {
  pair.closest('section').hidden = false;
  pair.addEventListener('input', differ);
  pair.addEventListener('submit', (event) => event.preventDefault());
  differ();
}
addEventListener('hashchange', open);
document.addEventListener('toggle', (event) => { if (event.target.matches('.transition[open]')) tests(event.target); }, true);
addEventListener('beforeprint', () => document.querySelectorAll('.fault').forEach((fault) => { fault.open = true; }));
document.addEventListener('click', (event) => {
  if (event.target.matches('.copy')) copy(event.target);
  const link = event.target.closest('a[href^="#"]');
  if (link && link.getAttribute('href') === location.hash) open();
});
filter();
open();
