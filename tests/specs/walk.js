// Plays steps, lines of JSON on the standard input, on a machine of XState, and tells after each where it stands.
'use strict';

const { createActor } = require('xstate');
const { machine } = require(process.argv[2]);

const actor = createActor(machine);
actor.start();
for (const line of require('node:fs').readFileSync(0, 'utf8').trim().split('\n')) {
  const { event, ...inputs } = JSON.parse(line);
  actor.send({ ...inputs, type: event });
  const { value, context } = actor.getSnapshot();
  console.log(JSON.stringify([value, context.answer]));
}
