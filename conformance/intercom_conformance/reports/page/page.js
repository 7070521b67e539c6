'use strict';

const form = document.querySelector('.filter');
const rows = [...document.querySelectorAll('[data-verdict]')].map((element) => ({
  element,
  level: element.dataset.level,
  verdicts: element.dataset.verdict.split('|'),
  text: element.textContent.toLowerCase(),
}));

/** Whether a row is what the form asks for. */
function wanted(row, level, verdict, text) {
  return (!level || row.level === level) && (!verdict || row.verdicts.includes(verdict)) && row.text.includes(text);
}

/** Shows the rows that are asked for, and tells how many. */
function filter() {
  const { level, verdict, text } = Object.fromEntries(new FormData(form));
  const found = rows.filter((row) => (row.element.hidden = !wanted(row, level, verdict, text.toLowerCase())) === false);
  form.querySelector('output').textContent = found.length === rows.length ? '' : `${found.length} of ${rows.length} shown`;
}

/** Opens the fault that the address names. */
function open() {
  const fault = location.hash && document.getElementById(location.hash.slice(1));
  if (fault instanceof HTMLDetailsElement) {
    fault.hidden = false;
    fault.open = true;
    fault.scrollIntoView();
  }
}

/** Copies the command beside a button; selects it where the browser does not allow that. */
async function copy(button) {
  const code = button.previousElementSibling;
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = 'Copied';
  } catch {
    getSelection().selectAllChildren(code);
  }
}

form.addEventListener('input', filter);
form.addEventListener('submit', (event) => event.preventDefault());
addEventListener('hashchange', open);
addEventListener('beforeprint', () => document.querySelectorAll('.fault').forEach((fault) => { fault.open = true; }));
document.addEventListener('click', (event) => {
  if (event.target.matches('.copy')) copy(event.target);
});
open();
