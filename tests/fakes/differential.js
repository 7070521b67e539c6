// Tells of each line of the standard input, [schema, value], whether the fake's validator accepts the value.
const [folder] = process.argv.slice(2);
const { machine } = require(folder);
const { Schemas } = require(`${folder}/lib/schemas.js`);
const { plain } = require(`${folder}/lib/values.js`);
const schemas = new Schemas(machine.schemas);

function judged([name, value]) {
  try { return schemas.isValid(name, plain(value, machine.depth)); } catch { return false; }
}
const canonical = ([name, value]) => { try { return schemas.canonical(name, plain(value, machine.depth)); } catch { return null; } };

require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const given = JSON.parse(line);
  console.log(JSON.stringify([judged(given), canonical(given)]));
});
